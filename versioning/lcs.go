package versioning

// maxTable bounds the table of commonElements: lists of about 2,000 elements each that share
// neither beginning nor end.
const maxTable = 1 << 22

// commonElements returns the index pairs of a longest common subsequence. Longer lists than the
// table holds keep only their common beginning and end.
func commonElements(a, b []any) [][2]int {
	x, y := texts(a), texts(b)
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	var pairs [][2]int
	for i := range head {
		pairs = append(pairs, [2]int{i, i})
	}
	for _, p := range longest(x[head:len(x)-tail], y[head:len(y)-tail]) {
		pairs = append(pairs, [2]int{p[0] + head, p[1] + head})
	}
	for i := range tail {
		pairs = append(pairs, [2]int{len(x) - tail + i, len(y) - tail + i})
	}
	return pairs
}

// longest is the textbook dynamic programme.
func longest(x, y []string) [][2]int {
	if len(x) == 0 || len(y) == 0 || len(x)*len(y) > maxTable {
		return nil
	}
	width := len(y) + 1
	length := make([]int32, (len(x)+1)*width) // of the best for x[i:], y[j:]
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
				continue
			}
			length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

func texts(list []any) []string {
	out := make([]string, len(list))
	for i, node := range list {
		out[i] = string(appendNode(nil, node))
	}
	return out
}
