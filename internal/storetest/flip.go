package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// RootPage returns the number of the root page of a table or an index.
func RootPage(t testing.TB, path, name string) int {
	t.Helper()
	pages := column(t, path, `SELECT rootpage FROM sqlite_schema WHERE name = '`+name+`'`)
	require.Len(t, pages, 1)
	var page int
	_, err := fmt.Sscan(pages[0], &page)
	require.NoError(t, err)
	return page
}

// Flips is how many positions of a file are flipped: 400, or 10,000 with IMEDNET_LONG=1.
func Flips() int { return longer(400, 10_000) }

// FlipBits damages a file at random positions, one at a time, in turns one bit and a whole byte,
// and calls check with a name of the damage. Check reports whether the damage was found; it must
// write nothing, and demand itself that what is not found changes nothing. In the end the file is
// as it was.
func FlipBits(t *testing.T, path string, times int, check func(at string) (found bool)) {
	t.Helper()
	flip(t, path, times, check, func(random *rand.Rand, size int) int { return random.IntN(size) })
}

// FlipBitsOfPages is FlipBits for some pages of a SQLite file, of a size, and for the first hundred bytes, which
// are its head. Three of four flips are where the pages are not empty.
func FlipBitsOfPages(t *testing.T, path string, times, pageSize int, pages []int, check func(at string) (found bool)) {
	t.Helper()
	pristine, err := os.ReadFile(path)
	require.NoError(t, err)
	var used []int
	for _, page := range pages {
		for at := (page - 1) * pageSize; at < page*pageSize; at++ {
			if pristine[at] != 0 {
				used = append(used, at)
			}
		}
	}
	flip(t, path, times, check, func(random *rand.Rand, _ int) int {
		switch n := random.IntN(40); {
		case n == 0:
			return random.IntN(100)
		case n < 10:
			return (pages[random.IntN(len(pages))]-1)*pageSize + random.IntN(pageSize)
		}
		return used[random.IntN(len(used))]
	})
}

func flip(t *testing.T, path string, times int, check func(at string) (found bool), place func(random *rand.Rand, size int) int) {
	t.Helper()
	pristine, err := os.ReadFile(path)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(3, 4))
	var found int
	for i := range times {
		damaged := bytes.Clone(pristine)
		at := place(random, len(damaged))
		mask := byte(1) << random.IntN(8)
		if i%2 == 1 {
			mask = byte(1 + random.IntN(255))
		}
		damaged[at] ^= mask
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		if check(fmt.Sprintf("byte %d xor %#x", at, mask)) {
			found++
		}
		now, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(damaged, now), "byte %d xor %#x: checking wrote to the file", at, mask)
	}
	require.NoError(t, os.WriteFile(path, pristine, 0o600))
	require.NotZero(t, found)
	t.Logf("%d positions of %d bytes: %d found, %d change nothing that a reader is shown", times, len(pristine), found, times-found)
}
