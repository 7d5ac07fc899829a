package pipeline

import "io"

// pile is bytes that only grow, in blocks that are not copied when there are more.
type pile struct{ blocks [][]byte }

const pileBlock = 64 << 10

// add copies p to the end.
func (l *pile) add(p []byte) {
	last := len(l.blocks) - 1
	if last < 0 || len(l.blocks[last])+len(p) > pileBlock {
		l.blocks = append(l.blocks, append([]byte(nil), p...))
		return
	}
	l.blocks[last] = append(l.blocks[last], p...)
}

// writeTo writes all of it.
func (l *pile) writeTo(out io.Writer) error {
	for _, b := range l.blocks {
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return nil
}
