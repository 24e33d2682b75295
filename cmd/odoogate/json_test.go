package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/deploy"
)

// speechless are commands that answer nothing that a program would read.
var speechless = []string{"odoogate serve", "odoogate demo", "odoogate init", "odoogate healthz", "odoogate version"}

func TestEveryCommandPrintsJSONForPrograms(t *testing.T) {
	var without []string
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() && cmd.Flag("json") == nil {
			without = append(without, cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(process{}.root())
	require.ElementsMatch(t, speechless, without)
}

// answers operation holds the JSON of the last command to what the API answers there.
func answersLike(ts *testscript.TestScript, _ bool, args []string) {
	var got any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &got))
	schema, err := answerOf(args[0])
	ts.Check(err)
	if err := schema.VisitJSON(got); err != nil {
		ts.Fatalf("the command does not print what %s answers: %v", args[0], err)
	}
}

// answerOf is the schema of a good answer of an operation of the API.
func answerOf(operation string) (*openapi3.Schema, error) {
	doc, err := openapi3.NewLoader().LoadFromData(deploy.OpenAPI)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	for _, path := range doc.Paths.Map() {
		for _, op := range path.Operations() {
			if op.OperationID == operation {
				return op.Responses.Value("200").Value.Content["application/json"].Schema.Value, nil
			}
		}
	}
	return nil, fmt.Errorf("the API has no operation %q", operation)
}

func TestWhatIsNotAnAnswerOfTheAPIIsSeen(t *testing.T) {
	schema, err := answerOf("pauseShop")
	require.NoError(t, err)
	for text, good := range map[string]bool{
		`{"shop": "fi", "platform": "shopify", "mode": "live", "state": "paused"}`:          true,
		`{"shop": "fi", "platform": "shopify", "mode": "live", "state": "asleep"}`:          false,
		`{"shop": "fi", "platform": "shopify", "mode": "live"}`:                             false,
		`{"shop": "fi", "platform": "shopify", "mode": "live", "state": "works", "zip": 1}`: false,
	} {
		var got any
		require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&got))
		require.Equal(t, good, schema.VisitJSON(got) == nil, text)
	}
}
