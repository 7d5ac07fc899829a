package imednet

import (
	"context"
	"errors"
)

// Identity is the person or program that acts on a record.
type Identity struct {
	ID          string   `json:"id"`                    // what the records name it by
	DisplayName string   `json:"display_name,omitzero"` // the printed name of a signer
	Roles       []string `json:"roles,omitzero"`
	// Authenticated says how the identity was proven, in the identifier's words, such as "oidc" or
	// "os-user". Empty means that it is only claimed.
	Authenticated string `json:"authenticated,omitzero"`
}

// Identifier returns who is acting, from whatever the program trusts: the user of the operating
// system, a token of the request that ctx belongs to, a key.
type Identifier interface {
	Identify(ctx context.Context) (Identity, error)
}

// IdentifierFunc is a function that is an Identifier.
type IdentifierFunc func(ctx context.Context) (Identity, error)

// Identify calls the function.
func (f IdentifierFunc) Identify(ctx context.Context) (Identity, error) { return f(ctx) }

// Authorizer decides who may do what. A nil error permits it; a refusal is or wraps
// ErrNotAuthorized. Actions are named by the package that asks, such as "triage.resolve"; the item
// is its id there, "" when there is none.
type Authorizer interface {
	Authorize(ctx context.Context, who Identity, action, item string) error
}

// ErrNotAuthorized means that the acting identity may not do this. Nothing was written.
var ErrNotAuthorized = errors.New("not authorized")

// ErrNotIdentified means that an action names another user than the one who acts, or that it is
// not known who acts. Nothing was written.
var ErrNotIdentified = errors.New("the named user is not the one who acts")
