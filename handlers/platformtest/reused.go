package platformtest

import (
	"unsafe"

	"github.com/odoogate/odoogate/handlers"
)

// reused gives header values out of buffers that are overwritten later, as HTTP
// servers do that save themselves allocations.
type reused struct {
	header handlers.Header
	given  map[string][]byte
}

// Get returns text that changes when overwrite is called.
func (r *reused) Get(name string) string {
	value := r.header.Get(name)
	if value == "" {
		return ""
	}
	buffer := []byte(value)
	r.given[name] = buffer
	return unsafe.String(&buffer[0], len(buffer))
}

func (r *reused) overwrite() {
	for _, buffer := range r.given {
		for i := range buffer {
			buffer[i] = '#'
		}
	}
}
