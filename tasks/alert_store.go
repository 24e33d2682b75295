package tasks

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

var (
	//go:embed scripts/alert_raise.lua
	alertRaiseLua string
	//go:embed scripts/alert_settle.lua
	alertSettleLua string
	//go:embed scripts/alert_take.lua
	alertTakeLua string
	//go:embed scripts/alert_told.lua
	alertToldLua string

	alertRaiseScript  = redis.NewScript(alertRaiseLua)
	alertSettleScript = redis.NewScript(alertSettleLua)
	alertTakeScript   = redis.NewScript(alertTakeLua)
	alertToldScript   = redis.NewScript(alertToldLua)
)

const (
	alertKeep      = 30 * 24 * time.Hour // after it was seen last
	alertOverKeep  = 7 * 24 * time.Hour  // after it was over, to be told
	alertsMost     = 1000                // open ones; beyond it the one seen longest ago is forgotten
	alertAbout     = 1000                // records of one alert that are told apart
	alertsTogether = 50                  // in one message
)

// Alerts belong to the installation, and share a hash tag, so that a script may touch
// them together.
const alertsPrefix = "odoogate:{alerts}:"

func openAlertsKey() string            { return alertsPrefix + "open" }
func alertKey(id string) string        { return alertsPrefix + "alert:" + id }
func alertAboutKey(id string) string   { return alertsPrefix + "about:" + id }
func alertDueKey(target string) string { return alertsPrefix + "due:" + target }
func alertSenderKey(target string) string {
	return alertsPrefix + "sender:" + target
}

// due is when a target is to be told of something.
type due struct {
	Target string `json:"target"`
	At     int64  `json:"at"`              // Unix milliseconds
	Again  bool   `json:"again,omitempty"` // for what no task is left; one of these at a time
}

// keep writes an alert down and returns who is to be told.
func (a *Alerts) keep(ctx context.Context, alert Alert, count int) ([]due, error) {
	head, err := json.Marshal(alert)
	if err != nil {
		return nil, err
	}
	id := alert.id()
	args := []any{id, time.Now().UnixMilli(), alertKeep.Milliseconds(), head, alert.member(), alert.shown(), count, alertAbout, alertsMost,
		alertKey(""), alertAboutKey(""), alertDueKey("")}
	for _, t := range a.cfg.Targets {
		if t.Wants(string(alert.Severity), alert.Kind, alert.Shop) {
			args = append(args, t.Name, a.delay(alert).Milliseconds(), a.cfg.Repeat.Milliseconds())
		}
	}
	return dues(alertRaiseScript.Run(ctx, a.rdb, []string{alertKey(id), alertAboutKey(id), openAlertsKey()}, args...))
}

// settle notes that an alert is over and returns who is to be told.
func (a *Alerts) settle(ctx context.Context, id string) ([]due, error) {
	args := []any{id, time.Now().UnixMilli(), alertOverKeep.Milliseconds(), alertDueKey("")}
	for _, t := range a.cfg.Targets {
		args = append(args, t.Name, flag(tellsEnd(t)))
	}
	return dues(alertSettleScript.Run(ctx, a.rdb, []string{alertKey(id), alertAboutKey(id), openAlertsKey()}, args...))
}

func dues(answer *redis.Cmd) ([]due, error) {
	words, err := answer.StringSlice()
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	var list []due
	for i := 0; i+1 < len(words); i += 2 {
		at, err := strconv.ParseInt(words[i+1], 10, 64)
		if err != nil {
			return nil, err
		}
		list = append(list, due{Target: words[i], At: at})
	}
	return list, nil
}

// sender is the right to send to one target.
type sender struct {
	alerts *Alerts
	target string
	token  string
}

// take begins to send: it returns what is due. ok is false while another sends.
func (a *Alerts) take(ctx context.Context, target string) (s sender, list []OpenAlert, ok bool, err error) {
	s = sender{alerts: a, target: target, token: uuid.NewString()}
	words, err := alertTakeScript.Run(ctx, a.rdb, []string{alertSenderKey(target), alertDueKey(target)},
		s.token, sendHold.Milliseconds(), time.Now().UnixMilli(), alertsTogether).StringSlice()
	if errors.Is(err, redis.Nil) {
		return s, nil, false, nil
	}
	if err != nil {
		return s, nil, false, fmt.Errorf("take what %s is to be told: %w", target, err)
	}
	ids, since := []string{}, map[string]time.Time{}
	for i := 0; i+1 < len(words); i += 2 {
		at, err := strconv.ParseFloat(words[i+1], 64) // as a score is written
		if err != nil {
			return s, nil, false, fmt.Errorf("what %s is to be told: %w", target, err)
		}
		ids, since[words[i]] = append(ids, words[i]), time.UnixMilli(int64(at))
	}
	list, gone, err := a.read(ctx, ids)
	for i := range list {
		list[i].due = since[list[i].ID]
	}
	if err == nil && len(gone) > 0 { // they have expired
		err = a.rdb.ZRem(ctx, alertDueKey(target), anys(gone)...).Err()
	}
	return s, list, true, err
}

// told notes that the target was told of an alert. more says that it is over meanwhile,
// and that this is to be told as well.
func (s sender) told(ctx context.Context, one OpenAlert, tellEnd bool) (more bool, err error) {
	return alertToldScript.Run(ctx, s.alerts.rdb, []string{alertSenderKey(s.target), alertDueKey(s.target), alertKey(one.ID)},
		s.token, one.ID, time.Now().UnixMilli(), s.target, flag(!one.Resolved.IsZero()), flag(tellEnd)).Bool()
}

// done lets another send.
func (s sender) done(ctx context.Context) error {
	return unlockScript.Run(ctx, s.alerts.rdb, []string{alertSenderKey(s.target)}, s.token, "0").Err()
}

// Open are the alerts that stand, the one seen last first.
func (a *Alerts) Open(ctx context.Context) ([]OpenAlert, error) {
	ids, err := a.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{Key: openAlertsKey(), Start: 0, Stop: -1, Rev: true}).Result()
	if err != nil {
		return nil, fmt.Errorf("open alerts: %w", err)
	}
	list, gone, err := a.read(ctx, ids)
	if err == nil && len(gone) > 0 {
		err = a.rdb.ZRem(ctx, openAlertsKey(), anys(gone)...).Err()
	}
	return list, err
}

// read is what stands of alerts; gone are those that have expired.
func (a *Alerts) read(ctx context.Context, ids []string) (list []OpenAlert, gone []string, err error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = alertKey(id)
	}
	hashes, err := NewJournal(a.rdb).hashes(ctx, keys)
	if err != nil {
		return nil, nil, fmt.Errorf("read alerts: %w", err)
	}
	for i, id := range ids {
		one, ok := readAlert(id, hashes[i])
		if !ok {
			gone = append(gone, id)
			continue
		}
		list = append(list, one)
	}
	return list, gone, nil
}

func readAlert(id string, m map[string]string) (OpenAlert, bool) {
	one := OpenAlert{ID: id, First: millis(m["first"]), Last: millis(m["last"]), Resolved: millis(m["resolved"]), Told: map[string]time.Time{},
		Orders: strings.FieldsFunc(m["orders"], func(r rune) bool { return r == '\n' })}
	one.Count, _ = strconv.Atoi(m["count"])
	for field, at := range m {
		if target, ok := strings.CutPrefix(field, "told:"); ok {
			one.Told[target] = millis(at)
		}
	}
	return one, json.Unmarshal([]byte(m["alert"]), &one.Alert) == nil
}

// forget drops an alert; nobody is told.
func (a *Alerts) forget(ctx context.Context, id string) error {
	pipe := a.rdb.TxPipeline()
	pipe.ZRem(ctx, openAlertsKey(), id)
	pipe.Del(ctx, alertKey(id), alertAboutKey(id))
	_, err := pipe.Exec(ctx)
	return err
}

// about are the records that an alert is about, as far as they are told apart.
func (a *Alerts) about(ctx context.Context, id string) ([]string, error) {
	return a.rdb.SMembers(ctx, alertAboutKey(id)).Result()
}

func anys(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}
