package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// childEnv makes this test binary be odoogate itself.
const childEnv = "BE_ODOOGATE"

func TestMain(m *testing.M) {
	switch be := os.Getenv(childEnv); be {
	case "":
	case beEmpty, bePlain:
		if err := servePlain(be, os.Args[3]); err != nil {
			panic(err)
		}
		return
	default:
		main()
		return
	}
	testscript.Main(leakChecked{m}, map[string]func(){"odoogate": main})
}

// leakChecked runs the tests and then looks for goroutines left behind.
type leakChecked struct{ m *testing.M }

func (l leakChecked) Run() int {
	code := l.m.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/gofiber/fiber/v2/utils.StartTimeStampUpdater.func1.1")); err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		return 1
	}
	return 0
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: commands(), Setup: func(env *testscript.Env) error {
		return startAround(t).setup(env)
	}})
}
