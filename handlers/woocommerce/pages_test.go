package woocommerce

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// placedAt is an order of a shelf: when it was placed and changed is the same.
type placedAt struct {
	id     int
	status string
	at     time.Time
	hidden bool // from the key's user
}

// shelf lists orders as WooCommerce does. between is called after each answer.
type shelf struct {
	t       *testing.T
	orders  []placedAt
	between func(asked int)
	asked   int
	untold  bool // no totals
	stuck   bool // offset has no effect
	loose   bool // bounds have none
	most    int  // rows that a page may have; 0: as many as are asked for
	refusal http.HandlerFunc
	queries []string
}

func (s *shelf) serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.asked++
	s.queries = append(s.queries, r.URL.RawQuery)
	size, _ := strconv.Atoi(q.Get("per_page"))
	offset, _ := strconv.Atoi(q.Get("offset"))
	if s.most > 0 && size > s.most {
		s.refusal(w, r)
		return
	}
	assert.Equal(s.t, "true", q.Get("dates_are_gmt"))
	assert.Equal(s.t, "asc", q.Get("order"))
	list := s.list(q.Get("status"), cmp.Or(q.Get("modified_after"), q.Get("after")), cmp.Or(q.Get("modified_before"), q.Get("before")))
	total := len(list)
	if s.stuck {
		offset = 0
	}
	list = list[min(offset, total):min(offset+size, total)]
	rows := []map[string]any{}
	for _, o := range list {
		if !o.hidden {
			rows = append(rows, map[string]any{"id": o.id, "status": o.status, "date_created_gmt": gmt(o.at), "date_modified_gmt": gmt(o.at)})
		}
	}
	if len(list) == 0 {
		total = 0 // as new shops say beyond the end
	}
	if !s.untold {
		w.Header().Set("X-WP-Total", strconv.Itoa(total))
	}
	assert.NoError(s.t, json.NewEncoder(w).Encode(rows))
	if s.between != nil {
		s.between(s.asked)
	}
}

func (s *shelf) list(status, after, before string) (out []placedAt) {
	for _, o := range s.orders {
		switch {
		case status == "trash" != (o.status == "trash"):
		case !s.loose && after != "" && gmt(o.at) <= after, !s.loose && before != "" && gmt(o.at) >= before:
		default:
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b placedAt) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	return out
}

// touch has an order changed at a time.
func (s *shelf) touch(id int, at time.Time) {
	for i := range s.orders {
		if s.orders[i].id == id {
			s.orders[i].at = at
		}
	}
}

func (s *shelf) remove(ids ...int) {
	s.orders = slices.DeleteFunc(s.orders, func(o placedAt) bool { return slices.Contains(ids, o.id) })
}

// add puts n orders on the shelf, every apart from each other.
func (s *shelf) add(n int, every time.Duration) *shelf {
	for range n {
		id := len(s.orders) + 1
		s.orders = append(s.orders, placedAt{id: id, status: "processing", at: noon.Add(time.Duration(id) * every).Truncate(time.Second)})
	}
	return s
}

func (s *shelf) open() *orders {
	return &orders{decoder: decoder{shop: "fi", set: Settings{URL: "https://shop.example"}}, client: clientOf(s.t, s.serve)}
}

// changed are the ids that Updated yields, in its order.
func (s *shelf) changed(since, until time.Time) (ids []int, err error) {
	last := time.Time{}
	for change, failed := range s.open().Updated(s.t.Context(), since, until) {
		if failed != nil {
			return ids, failed
		}
		require.False(s.t, change.At.Before(last), "%s came after %s", change.At, last)
		last = change.At
		id, err := strconv.Atoi(change.Ref.ID)
		require.NoError(s.t, err)
		ids = append(ids, id)
	}
	return ids, nil
}

// oneTo are the numbers up to n.
func oneTo(n int) (ids []int) {
	for i := range n {
		ids = append(ids, i+1)
	}
	return ids
}

func TestUpdatedYieldsEachChangeOnceOldestFirst(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 199, 200, 450} {
		for _, every := range []time.Duration{time.Second, 10 * time.Millisecond, 0} { // of a second of its own, 100 in one, all in one
			for _, untold := range []bool{false, true} {
				s := (&shelf{t: t, untold: untold}).add(n, every)
				ids, err := s.changed(noon, time.Time{})
				require.NoError(t, err)
				require.Equal(t, oneTo(n), ids, "%d orders, one every %s, totals untold: %v", n, every, untold)
				if !untold && n <= pageSize {
					require.Equal(t, 2, s.asked, "one call for each list")
				}
			}
		}
	}
}

func TestTheTimeIsAskedForWithItsBounds(t *testing.T) {
	s := (&shelf{t: t}).add(10, time.Second)
	ids, err := s.changed(noon.Add(3*time.Second), noon.Add(5*time.Second))
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 5}, ids)
	require.Equal(t, []string{
		"_fields=id%2Cstatus%2Cdate_modified_gmt&consumer_key=ck_hush&consumer_secret=cs_hush&dates_are_gmt=true&modified_after=2026-11-20T12%3A00%3A02" +
			"&modified_before=2026-11-20T12%3A00%3A06&offset=0&order=asc&orderby=modified&per_page=100&status=trash",
		"_fields=id%2Cstatus%2Cdate_modified_gmt&consumer_key=ck_hush&consumer_secret=cs_hush&dates_are_gmt=true&modified_after=2026-11-20T12%3A00%3A02" +
			"&modified_before=2026-11-20T12%3A00%3A06&offset=0&order=asc&orderby=modified&per_page=100&status=any",
	}, s.queries)

	s.loose = true // an old shop, that does not know the bounds
	ids, err = s.changed(noon.Add(3*time.Second), noon.Add(5*time.Second))
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 5}, ids)
}

func TestTrashIsAmongTheChangesAndDraftsAreNot(t *testing.T) {
	s := (&shelf{t: t}).add(9, time.Second)
	s.orders[1].status, s.orders[8].status = "trash", "trash"
	s.orders[2].status, s.orders[3].status = "checkout-draft", "auto-draft"
	ids, err := s.changed(noon, time.Time{})
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 5, 6, 7, 8, 9}, ids)

	s = (&shelf{t: t}).add(3, time.Second)
	s.between = func(asked int) {
		if asked == 1 { // the trash was read: then one goes into it, and another comes out
			s.orders[0].status = "trash"
		}
	}
	ids, err = s.changed(noon, time.Time{})
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, ids, "what is trashed meanwhile changed meanwhile")
}

func TestOrdersThatChangeWhileTheyAreReadMoveNoOtherPastUs(t *testing.T) {
	later := noon.Add(time.Hour)
	for _, tc := range []struct {
		name  string
		until time.Time
		hit   func(s *shelf, asked int)
	}{
		{"some change", time.Time{}, func(s *shelf, asked int) {
			if asked < 6 {
				s.touch(10*asked, later.Add(time.Duration(asked)*time.Second))
			}
		}},
		{"some leave the window", later, func(s *shelf, asked int) {
			if asked < 6 {
				s.touch(10*asked, later.Add(time.Minute))
			}
		}},
		{"a hundred and fifty are deleted at once", time.Time{}, func(s *shelf, asked int) {
			if asked == 3 {
				s.remove(oneTo(150)...)
			}
		}},
		{"all that were read leave, and the list ends before our place", later, func(s *shelf, asked int) {
			if asked == 4 {
				s.remove(oneTo(290)...)
			}
		}},
		{"the very row at which we stand goes", later, func(s *shelf, asked int) {
			if asked == 2 {
				s.remove(100)
			}
		}},
		{"new ones come", time.Time{}, func(s *shelf, asked int) {
			if asked < 20 {
				s.orders = append(s.orders, placedAt{id: 1000 + asked, status: "processing", at: later.Add(time.Duration(asked) * time.Second)})
			}
		}},
	} {
		for _, every := range []time.Duration{time.Second, 0} {
			for _, untold := range []bool{false, true} {
				t.Run(fmt.Sprint(tc.name, every, untold), func(t *testing.T) {
					s := (&shelf{t: t, untold: untold}).add(330, every)
					before := slices.Clone(s.orders)
					s.between = func(asked int) { tc.hit(s, asked) }
					ids, err := s.changed(noon, tc.until)
					require.NoError(t, err)
					for _, o := range before {
						if slices.Contains(s.orders, o) { // it stays as it was
							require.Equal(t, 1, count(ids, o.id), "order %d", o.id)
						}
					}
					require.Less(t, s.asked, 40)
				})
			}
		}
	}
}

func count(ids []int, id int) (n int) {
	for _, one := range ids {
		if one == id {
			n++
		}
	}
	return n
}

// Whatever happens between the pages, none that stays is left out, and it ends.
func TestNoChurnHidesAnOrderThatStays(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		s := (&shelf{t: t, untold: seed%2 == 0}).add(150+rnd.IntN(300), time.Duration(rnd.IntN(3))*300*time.Millisecond)
		for range rnd.IntN(20) {
			s.orders[rnd.IntN(len(s.orders))].status = []string{"trash", "draft", "completed"}[rnd.IntN(3)]
		}
		before := slices.Clone(s.orders)
		until := []time.Time{{}, noon.Add(30 * time.Minute)}[rnd.IntN(2)]
		s.between = func(asked int) {
			for range rnd.IntN(6) {
				at := rnd.IntN(len(s.orders))
				switch rnd.IntN(4) {
				case 0:
					s.remove(s.orders[at].id)
				case 1:
					s.orders[at].status, s.orders[at].at = "trash", noon.Add(time.Hour+time.Duration(asked)*time.Second)
				case 2:
					s.touch(s.orders[at].id, noon.Add(time.Hour+time.Duration(asked)*time.Second))
				default:
					s.orders = append(s.orders, placedAt{id: 10_000 + rnd.IntN(1e9), status: "processing", at: noon.Add(time.Hour + time.Duration(asked)*time.Second)})
				}
			}
		}
		ids, err := s.changed(noon, until)
		require.NoError(t, err, "seed %d", seed)
		for _, o := range before {
			if slices.Contains(s.orders, o) && !isDraft(o.status) {
				require.Equal(t, 1, count(ids, o.id), "seed %d, order %d", seed, o.id)
			}
		}
	}
}

func TestRowsThatAreHiddenEndNoList(t *testing.T) {
	s := (&shelf{t: t}).add(330, time.Second)
	var want []int
	for i := range s.orders {
		s.orders[i].hidden = i >= 90 && i < 210
		if !s.orders[i].hidden {
			want = append(want, i+1)
		}
	}
	ids, err := s.changed(noon, time.Time{})
	require.NoError(t, err)
	require.Equal(t, want, ids)
}

func TestPagesThatDoNotMoveOnAreAnError(t *testing.T) {
	for _, untold := range []bool{false, true} {
		s := (&shelf{t: t, stuck: true, untold: untold}).add(330, time.Second)
		ids, err := s.changed(noon, time.Time{})
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
		require.ErrorContains(t, err, "the shop's pages do not move on")
		require.Len(t, ids, pageSize)
	}
}

func TestAHostThatCannotMakeALargePageIsAskedForSmallerOnes(t *testing.T) {
	s := (&shelf{t: t, most: 30, refusal: says(http.StatusRequestEntityTooLarge, "")}).add(120, time.Second)
	ids, err := s.changed(noon, time.Time{})
	require.NoError(t, err)
	require.Equal(t, oneTo(120), ids)

	s = (&shelf{t: t, most: 30, refusal: says(500, "<html>critical error", "Content-Type: text/html")}).add(60, time.Second)
	var got []int
	for r, err := range s.open().placed(noon, noon.Add(time.Hour), "").all(t.Context()) {
		require.NoError(t, err)
		id, _ := strconv.Atoi(string(r.id))
		got = append(got, id)
	}
	require.Equal(t, oneTo(60), got)
	_, err = s.changed(noon, time.Time{})
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "rows of a few bytes are no burden: the shop is away")
}

func TestPlacedIsBoundedToTheMoment(t *testing.T) {
	s := (&shelf{t: t}).add(10, time.Second)
	s.orders[4].status = "trash"
	for _, tc := range []struct {
		from, until time.Duration
		want        []int
	}{
		{3 * time.Second, 6 * time.Second, []int{3, 4, 5}},
		{3*time.Second + time.Millisecond, 6*time.Second + time.Millisecond, []int{4, 5, 6}},
		{3 * time.Second, 3 * time.Second, nil},
	} {
		var got []int
		for ref, err := range s.open().Placed(t.Context(), noon.Add(tc.from), noon.Add(tc.until)) {
			require.NoError(t, err)
			id, _ := strconv.Atoi(ref.ID)
			got = append(got, id)
		}
		require.Equal(t, tc.want, got)
	}
}

func TestACallerThatBreaksAsksForNoFurtherPage(t *testing.T) {
	s := (&shelf{t: t}).add(330, time.Second)
	for range s.open().Updated(t.Context(), noon, time.Time{}) {
		break
	}
	require.Equal(t, 2, s.asked, "the first page of each list")
}

func TestAfterAnErrorNothingMoreComes(t *testing.T) {
	for _, breaks := range []int{1, 2, 3} { // the trash, the first page, the second
		s := (&shelf{t: t}).add(330, time.Second)
		h := s.serve
		n := 0
		o := s.open()
		o.client = clientOf(t, func(w http.ResponseWriter, r *http.Request) {
			if n++; n == breaks {
				refused(401, "woocommerce_rest_authentication_error")(w, r)
				return
			}
			h(w, r)
		})
		errs := 0
		for change, err := range o.Updated(t.Context(), noon, time.Time{}) {
			require.Zero(t, errs, "%v came after an error", change)
			if err != nil {
				errs++
				require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
				require.Zero(t, change)
			}
		}
		require.Equal(t, 1, errs)
	}
}
