package commerce

// Wish is what a request about people's data asks for.
type Wish string

// The wishes.
const (
	WishShow  Wish = "show"  // say what is held about a customer
	WishErase Wish = "erase" // remove what is held about a customer
	WishClose Wish = "close" // remove what is held about the customers of a shop that left
)

// Privacy is a request about people's data: ids only, nothing that a person gave.
type Privacy struct {
	Wish Wish `json:"wish"`
	// Request is the platform's own id of the request, "" where it has none.
	Request string `json:"request,omitempty"`
	// Customer and Orders are who and what it is about; none for WishClose.
	Customer string   `json:"customer,omitempty"`
	Orders   []string `json:"orders,omitempty"`
	// Confirmed says that a person let it be carried out.
	Confirmed bool `json:"confirmed,omitempty"`
}
