package config

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const manual = "../deploy/odoogate.example.yml"

// readManual parses the example with a value for each variable it names.
func readManual(t *testing.T) (lines []string, d *decoder, cfg *Config) {
	t.Helper()
	data, err := os.ReadFile(manual)
	require.NoError(t, err)
	var environ []string
	for _, m := range regexp.MustCompile(`(?m)^[^#]*\{env: (\w+)\}`).FindAllStringSubmatch(string(data), -1) {
		value := strings.Repeat("value", 7) // long enough for a token
		if m[1] == "REDIS_URL" {
			value = "redis://127.0.0.1:6379/0"
		}
		environ = append(environ, m[1]+"="+value)
	}
	cfg, err = Parse(data, manual, environ)
	require.NoError(t, err)

	root, err := document(data, manual)
	require.NoError(t, err)
	d = newDecoder(manual, "../deploy", newEnvironment(environ))
	d.decode(site{node: root}, reflect.ValueOf(Default()).Elem())
	return strings.Split(string(data), "\n"), d, cfg
}

func TestTheExampleLoadsWithTheVariablesItNames(t *testing.T) {
	_, _, cfg := readManual(t)
	require.Equal(t, "fi", cfg.Shops[0].ID)
	var set struct {
		Domain      string   `yaml:"domain" validate:"required,fqdn"`
		AccessToken Secret   `yaml:"access_token" validate:"required"`
		Secrets     []Secret `yaml:"secrets" validate:"min=1,dive,required"`
		APIVersion  string   `yaml:"api_version" validate:"required"`
		Money       string   `yaml:"money" validate:"oneof=shop presentment"`
		Variants    bool     `yaml:"variants"`
	}
	require.NoError(t, cfg.Shops[0].Decode(&set))
	require.NotEmpty(t, set.APIVersion)
}

func TestEverySettingStandsInTheExampleWithItsTrueDefault(t *testing.T) {
	lines, d, _ := readManual(t)
	quoted := regexp.MustCompile(`Default: (\S+)$`)
	for path, field := range settings(reflect.ValueOf(Default()).Elem(), "") {
		at, ok := placeOf(d, path)
		if !ok {
			t.Errorf("%s is not in %s", path, manual)
			continue
		}
		about := commentAbove(lines, at.line)
		var said []string
		for _, line := range about {
			if m := quoted.FindStringSubmatch(line); m != nil {
				said = append(said, m[1])
			}
		}
		if !field.value.IsValid() || field.value.IsZero() {
			require.Regexp(t, `Required|Default:`, strings.Join(about, " "), "%s needs the word Required or its default", path)
			continue
		}
		require.Len(t, said, 1, "%s must quote its default once, at the end of a line", path)
		got := reflect.New(field.value.Type()).Elem()
		require.NoError(t, setText(got, said[0], field.unit))
		require.Equal(t, field.value.Interface(), got.Interface(), "the default that the example quotes for %s", path)
		require.Contains(t, lines[at.line-1], ": "+said[0], "%s shows its default", path)
	}
}

// placeOf is where a setting stands: of lists in the first item that has it.
func placeOf(d *decoder, path string) (place, bool) {
	for n := range 5 {
		if at, ok := d.places[strings.Replace(path, "[0]", fmt.Sprintf("[%d]", n), 1)]; ok {
			return at, true
		}
	}
	return place{}, false
}

type setting struct {
	value reflect.Value // its default, invalid where it has none
	unit  string
}

// settings are all leaves below a struct by their paths; of lists the first item.
func settings(v reflect.Value, path string) map[string]setting {
	out := map[string]setting{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := keyOf(f)
		if key == "" {
			continue
		}
		at, t := join(path, key), deref(f.Type)
		if t.Kind() == reflect.Slice && !isScalar(t.Elem()) {
			at, t = at+"[0]", t.Elem()
		}
		if t == reflect.TypeFor[Books]() && at != "shops[0].books" {
			continue // the same keys once more, for channels and rules
		}
		if t.Kind() == reflect.Struct && !isScalar(t) {
			inner := v.Field(i)
			if inner.Kind() != reflect.Struct {
				inner = reflect.New(t).Elem() // optional or a list: nothing in it has a default
			}
			for p, s := range settings(inner, at) {
				out[p] = s
			}
			continue
		}
		out[at] = setting{value: reflect.Indirect(v.Field(i)), unit: f.Tag.Get("unit")}
	}
	return out
}

// commentAbove is the comment right above a line (1-based) and the one before
// the first key of its list item, whose dash stands below the comment.
func commentAbove(lines []string, line int) []string {
	var out []string
	// A nested value begins below its key.
	for line > 1 && !strings.HasPrefix(strings.TrimSpace(lines[line-2]), "#") && strings.HasSuffix(strings.TrimSpace(lines[line-2]), ":") {
		line--
	}
	for i := line - 2; i >= 0 && strings.HasPrefix(strings.TrimSpace(lines[i]), "#"); i-- {
		out = append([]string{strings.TrimSpace(lines[i])}, out...)
	}
	return out
}

func TestEveryRuleOfTheTypesHasItsSentence(t *testing.T) {
	plain := sentences()
	withParameter := []string{"min", "max", "oneof", "gtefield", "required_if"}
	for path, tags := range rules(reflect.TypeFor[Config](), "") {
		for _, tag := range tags {
			switch tag {
			case "dive", "keys", "endkeys", "omitempty":
				continue
			}
			if _, ok := plain[tag]; !ok {
				require.Contains(t, withParameter, tag, fmt.Sprintf("%s uses a rule without a sentence", path))
			}
		}
	}
}

// rules are the names of the validate tags of every field below a type.
func rules(t reflect.Type, path string) map[string][]string {
	out := map[string][]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		at := join(path, keyOf(f))
		for _, tag := range strings.Split(f.Tag.Get("validate"), ",") {
			if name, _, _ := strings.Cut(tag, "="); name != "" {
				out[at] = append(out[at], name)
			}
		}
		inner := deref(f.Type)
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && !isScalar(inner) {
			for p, tags := range rules(inner, at) {
				out[p] = tags
			}
		}
	}
	return out
}
