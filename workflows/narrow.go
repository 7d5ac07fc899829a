package workflows

import (
	"iter"

	"github.com/imednetgo/imednet"
)

// narrow adds attribute==value to a filter where the API allows it: not to a filter joined by OR,
// not a second time for the same attribute, and not a value that no filter can hold. Callers
// apply the condition to the rows as well, so that it holds in every case.
func narrow(f imednet.Filter, resource imednet.Resource, attribute, value string) imednet.Filter {
	if f.IsOr() || namesAttribute(f, attribute) {
		return f
	}
	if imednet.Where(attribute, imednet.Equal, value).Validate(resource) != nil {
		return f
	}
	return f.And(attribute, imednet.Equal, value)
}

func namesAttribute(f imednet.Filter, attribute string) bool {
	for _, c := range f.Conditions() {
		if c.Attribute == attribute {
			return true
		}
	}
	return false
}

// refuseAttribute is a validation error when the caller's filter names an attribute that the
// workflow itself sets.
func refuseAttribute(f imednet.Filter, attribute, why string) error {
	if !namesAttribute(f, attribute) {
		return nil
	}
	return &imednet.ValidationError{What: "filter", Problems: []imednet.Problem{{Path: attribute, Message: why}}}
}

// failedListing is a listing that ends at once with err.
func failedListing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}
