// Package deploy holds what odoogate is run with; of that the binary carries the
// description of its API.
package deploy

import _ "embed" // for the file below

// OpenAPI is openapi.yml, which the API serves of itself.
//
//go:embed openapi.yml
var OpenAPI []byte
