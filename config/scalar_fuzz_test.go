package config

import (
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzScalars: a size, a number, a duration, a flag or a moment is read as it is
// written or refused in one line that repeats little of it.
func FuzzScalars(f *testing.F) {
	for _, text := range []string{"", "0", "-1", "16MiB", "16 MiB", "8191GiB", "9999999999999GiB", "1e3", "0x10", "1_000", "007", "10s", "-1h", "9999999h", "true", "yes",
		"2026-11-01", "2026-11-01T08:00:00+02:00", "9999-12-31T23:59:59-23:00", "0000-01-01T00:00:00+23:59", strings.Repeat("9", 400), "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		refused := func(err error) {
			require.NotEmpty(t, err.Error())
			require.LessOrEqual(t, len(err.Error()), 400, "%q", err)
			require.NotContains(t, err.Error(), "\n")
		}
		if n, err := integer(text, "bytes"); err != nil {
			refused(err)
		} else {
			require.GreaterOrEqual(t, n, int64(0))
			again, err := integer(strconv.FormatInt(n, 10), "bytes")
			if n < 1e18 { // more digits are no size
				require.NoError(t, err)
				require.Equal(t, n, again)
			}
		}
		for _, v := range []reflect.Value{reflect.ValueOf(new(int)), reflect.ValueOf(new(int32)), reflect.ValueOf(new(bool)), reflect.ValueOf(new(time.Duration)), reflect.ValueOf(new(Moment))} {
			if err := setText(v.Elem(), text, ""); err != nil {
				refused(err)
			}
		}
		var m, again Moment
		if m.UnmarshalText([]byte(text)) == nil && !m.IsZero() {
			require.NoError(t, again.UnmarshalText([]byte(m.String())), "%q is written %q", text, m)
			require.True(t, m.Truncate(time.Second).Equal(again.Time), "%q is read back as %s", m, again)
		}
	})
}

// FuzzNetwork: a network that is one address holds that address, in whatever form a
// connection tells it, and no other.
func FuzzNetwork(f *testing.F) {
	for _, text := range []string{"127.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "::ffff:0.0.0.0/90", "fe80::1%eth0", "10.0.0.0/33", "/", "1.2.3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		network, err := ParseNetwork(text)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.True(t, network.IsValid())
		require.True(t, network.Contains(network.Addr()))
		if addr, err := netip.ParseAddr(text); err == nil {
			require.True(t, network.Contains(addr.Unmap().WithZone("")), "%s is not in itself", text)
			require.True(t, network.IsSingleIP())
		}
	})
}
