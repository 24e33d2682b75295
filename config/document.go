package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxDocument is far beyond any configuration written by people.
const maxDocument = 1 << 20

// quotedSource is where a sentence of the library repeats the source.
var quotedSource = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// document reads the one YAML document of a file; nil where it is empty. Only
// the library's sentence is taken over, never its excerpt of the source: that
// could hold a secret.
func document(data []byte, file string) (root ast.Node, err error) {
	defer func() {
		// Should the library panic on broken input, that input is what is wrong.
		if r := recover(); r != nil {
			err = Problems{{File: file, Message: "cannot be read as YAML; check indentation and quotes"}}
		}
	}()
	if len(data) > maxDocument {
		return nil, Problems{{File: file, Message: fmt.Sprintf("is larger than %d bytes; this is not a configuration of odoogate", maxDocument)}}
	}
	// Doubled keys are found by the decoder, together with everything else.
	parsed, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		p := Problem{File: file, Message: "is not YAML; check indentation and quotes"}
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			p.Message = quotedSource.ReplaceAllString(strings.ReplaceAll(syntax.Message, "\t", `\t`), "…") + "; check indentation and quotes here and in the line above"
			p.Line, p.Column = position(syntax.Token)
		}
		return nil, Problems{p}
	}
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			line, column := position(start(doc.Body))
			return nil, Problems{{File: file, Line: line, Column: column, Message: "a second document begins here; keep one document a file"}}
		}
		root = doc.Body
	}
	return root, nil
}

// start is the first token of a node: goccy gives the colon for a mapping.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return start(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(n.Key)
	}
	return n.GetToken()
}

func position(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return max(t.Position.Line, 1), max(t.Position.Column, 1)
}

func isNull(n ast.Node) bool {
	if n == nil {
		return true
	}
	_, null := n.(*ast.NullNode)
	return null
}

// pairs are the keys of a mapping; ok is false where it is none.
func pairs(n ast.Node) (values []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// reference reads {kind: target}, the way a secret names where it lives.
func reference(n ast.Node) (kind, target string, ok bool) {
	values, isMapping := pairs(n)
	if !isMapping || len(values) != 1 {
		return "", "", false
	}
	target, ok = plain(values[0].Value)
	return values[0].Key.GetToken().Value, target, ok && target != ""
}

// plain is the text of a scalar as it was written, so that 0012 stays 0012 and
// 25.50 stays 25.50. Booleans, nulls and infinities are not text.
func plain(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// referencedVariables are those that a secret somewhere names with {env: NAME}:
// they may begin with our prefix without overriding a setting.
type referencedVariables struct{ used map[string]bool }

// Visit implements ast.Visitor.
func (r referencedVariables) Visit(n ast.Node) ast.Visitor {
	if kind, target, ok := reference(n); ok && kind == "env" {
		r.used[target] = true
	}
	return r
}
