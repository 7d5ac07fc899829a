package dictionary

// joining joins what an API lists with what a dictionary lists, each with one at most. It does so in passes, of which
// every one leaves alone what is joined already, so that no result depends on the order of the lists.
type joining[A, D comparable] struct {
	api        []A
	dictionary []D
	right      map[A]D
	left       map[D]A
}

func newJoining[A, D comparable](api []A, dictionary []D) *joining[A, D] {
	return &joining[A, D]{api, dictionary, map[A]D{}, map[D]A{}}
}

// by joins those with the same name that are the only ones left with it on their side; "" is no name.
func (p *joining[A, D]) by(ofAPI func(A) string, ofDictionary func(D) string) {
	left, right := free(p.api, p.right, ofAPI), free(p.dictionary, p.left, ofDictionary)
	for name, a := range left {
		if d := right[name]; name != "" && len(a) == 1 && len(d) == 1 {
			p.right[a[0]], p.left[d[0]] = d[0], a[0]
		}
	}
}

// free returns what is not joined, by name.
func free[T comparable, Other any](list []T, joined map[T]Other, nameOf func(T) string) map[string][]T {
	names := map[string][]T{}
	for _, one := range list {
		if _, taken := joined[one]; !taken {
			names[nameOf(one)] = append(names[nameOf(one)], one)
		}
	}
	return names
}

// lastOfEach returns the last one of each name, in the order of the list.
func lastOfEach[T comparable](list []T, nameOf func(T) string) []T {
	last := map[string]T{}
	for _, one := range list {
		last[nameOf(one)] = one
	}
	var kept []T
	for _, one := range list {
		if last[nameOf(one)] == one {
			kept = append(kept, one)
		}
	}
	return kept
}
