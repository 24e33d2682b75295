package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/odoogate/odoogate"

// rooms are the packages of the house and what each may import of the others;
// imports only point down. A name ending in "/*" stands for every package below
// it. Test packages stand beside what they fake.
var rooms = map[string][]string{
	"cmd/odoogate":                         {"*"},
	"gateway":                              {"tasks", "handlers", "handlers/commerce", "config"},
	"tasks":                                {"tasks/erp", "tasks/spool", "handlers", "handlers/commerce", "config"},
	"tasks/redistest":                      {},
	"tasks/erp":                            {"tasks/erp/parity", "handlers/commerce", "odooclient", "config"},
	"tasks/erp/parity":                     {},
	"tasks/spool":                          {},
	"handlers/all":                         {"handlers", "handlers/*", "config"},
	"handlers/platformtest":                {"handlers", "handlers/commerce", "config"},
	"handlers/shopify":                     {"handlers", "handlers/wire", "handlers/commerce", "config"},
	"handlers/shopify/shopifytest":         {},
	"handlers/woocommerce/woocommercetest": {},
	"handlers":                             {"handlers/commerce", "config"},
	"handlers/wire":                        {"handlers/commerce", "config"},
	"handlers/commerce":                    {},
	"odooclient":                           {"config"},
	"odooclient/odootest":                  {"config"},
	"config":                               {},
	"deploy":                               {},
	"handlers/woocommerce":                 {"handlers", "handlers/wire", "handlers/commerce", "config"},
}

// owners are the libraries that one room alone may know.
var owners = map[string][]string{
	"github.com/gofiber/fiber/v2":  {"gateway"},
	"github.com/hibiken/asynq":     {"tasks"},
	"github.com/redis/go-redis/v9": {"tasks", "tasks/redistest"},
}

func TestImportsOnlyPointDown(t *testing.T) {
	type pkg struct {
		ImportPath string
		Imports    []string
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	require.NoError(t, err)
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(p.ImportPath, module+"/")
		may, known := rooms[room]
		if !known {
			t.Errorf("%s is in no room of the house; give it one in layers_test.go and say in the design what it holds", room)
			continue
		}
		for _, imported := range p.Imports {
			if lower, ours := strings.CutPrefix(imported, module+"/"); ours && !allowed(may, lower) {
				t.Errorf("%s imports %s, which is not below it; it may import %v", room, lower, may)
			}
			for library, who := range owners {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !allowed(who, room) {
					t.Errorf("%s knows %s, which only %v may", room, library, who)
				}
			}
		}
	}
}

func allowed(list []string, name string) bool {
	for _, pattern := range list {
		if pattern == "*" || pattern == name {
			return true
		}
		if ok, err := path.Match(pattern, name); err == nil && ok {
			return true
		}
	}
	return false
}
