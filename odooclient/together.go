package odooclient

import "context"

// Joint is work on several records at once that takes more than one call, such as
// a wizard. Key tells it apart from other work; doing it again for some of the
// records after a refusal must be safe.
type Joint struct {
	Key string
	// Do makes its calls with the given caller, in the place of one connection.
	Do func(ctx context.Context, c Caller, ids []int64) error
}

// Together does j for a record, in one go with those of concurrent callers of the
// same key. A refusal that may be one record's halves the group until the culprits
// stand alone; an outcome that is not known is every member's.
func (c *Client) Together(ctx context.Context, j Joint, id int64) error {
	if id <= 0 {
		return noID(j.Key, "", id)
	}
	_, err := c.joints.join(ctx, j.Key, func(ctx context.Context, members []*member[int64, struct{}]) error {
		if err := j.Do(ctx, held{c}, distinct(members)); err != nil {
			return err
		}
		for _, m := range members {
			m.answer(struct{}{})
		}
		return nil
	}, id, 1)
	return err
}

// held makes calls for one who has a connection already.
type held struct{ client *Client }

// Call runs one method.
func (h held) Call(ctx context.Context, req Request, result any) error {
	raw, err := h.client.send(ctx, req, repeatable(req.Method))
	if err != nil {
		return err
	}
	return decode(raw, result, req)
}
