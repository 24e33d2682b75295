package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// prefix is how every variable begins that overrides a setting.
const prefix = "ODOOGATE_"

// environment is the process environment as the configuration sees it. An
// empty variable counts as unset: compose files write those for "no value".
type environment struct {
	vars map[string]string
	used map[string]bool
}

func newEnvironment(environ []string) *environment {
	e := &environment{vars: map[string]string{}, used: map[string]bool{}}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" {
			e.vars[name] = value
		}
	}
	return e
}

// lookup reads a variable and counts it as used.
func (e *environment) lookup(name string) (string, bool) {
	value, ok := e.vars[name]
	if ok {
		e.used[name] = true
	}
	return value, ok
}

// hasAny reports whether a variable below the prefix is set.
func (e *environment) hasAny(prefix string) bool {
	for name := range e.vars {
		if strings.HasPrefix(name, prefix) && !orchestrated(name, e.vars[name]) {
			return true
		}
	}
	return false
}

// unused lists the variables with that prefix that no setting took, sorted.
func (e *environment) unused(prefix string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(e.vars)) {
		if strings.HasPrefix(name, prefix) && !e.used[name] && !orchestrated(name, e.vars[name]) {
			names = append(names, name)
		}
	}
	return names
}

// fork is the same environment for a second reader, with its own notes of what is used.
func (e *environment) fork() *environment {
	return &environment{vars: e.vars, used: maps.Clone(e.used)}
}

var (
	servicePort = regexp.MustCompile(`_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)
	serviceName = regexp.MustCompile(`_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$`)
)

// orchestrated recognises what Kubernetes sets for a service that is named like
// us ("odoogate", "odoogate-redis"): those were not meant for us.
func orchestrated(name, value string) bool {
	return servicePort.MatchString(name) || serviceName.MatchString(name) ||
		strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}

// variable is the name under which the environment overrides a key.
func variable(parent, key string) string {
	return parent + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}
