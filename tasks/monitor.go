package tasks

import (
	"github.com/hibiken/asynq"
	"github.com/hibiken/asynqmon"

	"github.com/odoogate/odoogate/config"
)

// Monitor is Asynq's own web page under root, read-only: what waits, runs and
// comes again. Payloads hold people's data and are never shown. Put a login
// before it and close it at the end.
func Monitor(cfg config.Redis, root string) (*asynqmon.HTTPHandler, error) {
	opt, err := asynq.ParseRedisURI(cfg.URL.Reveal())
	if err != nil {
		return nil, errRedisURL
	}
	hide := func(string, []byte) string { return "[hidden]" }
	return asynqmon.New(asynqmon.Options{
		RootPath: root, RedisConnOpt: opt, ReadOnly: true,
		PayloadFormatter: asynqmon.PayloadFormatterFunc(hide),
		ResultFormatter:  asynqmon.ResultFormatterFunc(hide),
	}), nil
}
