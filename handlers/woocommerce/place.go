package woocommerce

import (
	"net/url"
	"strings"

	"golang.org/x/text/language"
)

// place is where a shop is: a host, without the www. that shops come with and without,
// and the folder on it, "" or /shop.
type place struct{ host, folder string }

// placeOf is that of an address, or of one without its scheme.
func placeOf(address string) place {
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	u, err := url.Parse("//" + address)
	if err != nil {
		return place{}
	}
	return place{strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), strings.ToLower(strings.TrimRight(u.Path, "/"))}
}

func (p place) String() string { return p.host + p.folder }

// has reports whether an address is the place itself, in one of its languages.
func (p place) has(other place) bool {
	rest, below := strings.CutPrefix(other.folder, p.folder)
	return p.host != "" && p.host == other.host && below && (rest == "" || isLanguage(rest))
}

// isLanguage reports whether a folder is one of which plugins for several languages make
// the shop's address in one of them: /de or /pt-br. A folder of any other name is another
// shop, such as a copy; so is one of three letters, which all are some language's code.
func isLanguage(folder string) bool {
	name := strings.TrimPrefix(folder, "/")
	base, _, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-")
	if name == folder || len(base) != 2 {
		return false
	}
	_, err := language.Parse(name)
	return err == nil
}
