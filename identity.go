package imednet

import (
	"context"
	"errors"
)

// Identity is the person or program that acts.
type Identity struct {
	ID          string   `json:"id"`                    // how records refer to it
	DisplayName string   `json:"display_name,omitzero"` // the printed name of a signer
	Roles       []string `json:"roles,omitzero"`
	// Authenticated states how the identity was proven, in the words of the Identifier, such as
	// "oidc" or "os-user". Empty means that it is only claimed.
	Authenticated string `json:"authenticated,omitzero"`
	// AlsoBy are the other proofs by which the Identifier would recognise the same person, in the same words. Whoever one
	// of them proves is no second person beside this one, whatever name they have by then. "os-user NAME" is an account at
	// which they sat: only who is known by nothing else than that account is no second person beside them.
	AlsoBy []string `json:"also_by,omitzero"`
}

// Identifier determines who is acting from a source that the program trusts: the operating system's
// user, a token of the request that ctx belongs to, or a key.
type Identifier interface {
	Identify(ctx context.Context) (Identity, error)
}

// IdentifierFunc adapts a function to an [Identifier].
type IdentifierFunc func(ctx context.Context) (Identity, error)

// Identify calls the function.
func (f IdentifierFunc) Identify(ctx context.Context) (Identity, error) { return f(ctx) }

// Authorizer decides who may do what. A nil error grants permission; a refusal is or wraps
// [ErrNotAuthorized]. The calling package names the action, such as "triage.resolve", and passes
// the id of the item, or "" if there is none.
type Authorizer interface {
	Authorize(ctx context.Context, who Identity, action, item string) error
}

// ErrNotAuthorized means that the acting identity lacks the permission. Nothing was written.
var ErrNotAuthorized = errors.New("not authorized")

// ErrNotIdentified means that an action names a user other than the acting one, or that the acting
// user is unknown. Nothing was written.
var ErrNotIdentified = errors.New("the named user is not the one who acts")
