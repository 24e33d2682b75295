// Package odooclient speaks Odoo's external API and nothing else: one login,
// typed faults, load with row errors, natural batching, deadlines and bounded
// bodies. It knows no shop and no order.
package odooclient
