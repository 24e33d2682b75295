package handlers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
)

func TestWhereAnAddressLeadsIsSeenFromTheShopsHook(t *testing.T) {
	const hook = "https://hooks.example.com/hooks/fi"
	for address, want := range map[string]handlers.Lead{
		hook:                                  handlers.LeadsHere,
		"HTTPS://Hooks.Example.com/hooks/fi":  handlers.LeadsHere,
		"https://hooks.example.com/hooks/fi/": handlers.LeadsAstray,
		"http://hooks.example.com/hooks/fi":   handlers.LeadsAstray,
		"https://old.example.com/hooks/fi":    handlers.LeadsAstray,
		"https://old.example.com/gw/hooks/fi": handlers.LeadsAstray,
		"https://hooks.example.com/hooks/se":  handlers.LeadsNear,
		"https://hooks.example.com/":          handlers.LeadsNear,
		"https://old.example.com/hooks/fin":   handlers.LeadsElsewhere,
		"https://erp.example.net/in":          handlers.LeadsElsewhere,
		"pubsub://project:topic":              handlers.LeadsElsewhere,
		"/hooks/fi":                           handlers.LeadsElsewhere,
		"":                                    handlers.LeadsElsewhere,
	} {
		require.Equal(t, want, handlers.LeadOf(address, hook, "fi"), address)
	}
}
