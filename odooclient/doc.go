// Package odooclient speaks Odoo's external API and nothing else: one login,
// typed faults, load with row errors, natural batching, deadlines and bounded
// bodies. It knows no shop and no order. Calls are said in JSON-2 where Odoo knows
// it (19 and later, API key), else in JSON-RPC; a caller sees no difference.
//
// There are two ways to call. [Client.Call] sends one call as it is. Load, Find,
// Get, Do and ExternalID are grouped: callers that ask for the same shape at the
// same time share one RPC, and each gets its own answer or its own error. A batch
// may outlive its callers: do not change a shape, query or action once passed.
//
// What is sent twice: reads once more on a broken connection; a load whose
// records and sub-records all carry external ids likewise, for Odoo then finds
// what it made before; anything at all after Odoo said that it rolled back
// (serialization) or did not know the login. Nothing else is repeated here, so
// an [Uncertain] fault of a write means: read first, then decide.
package odooclient
