package requirements_test

import (
	"bufio"
	"fmt"
	"log"

	"github.com/imednetgo/imednet/docs/requirements"
)

// Each file says in its first line what area it is about.
func Example() {
	file, err := requirements.Files.Open("mirror.yaml")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Scan()
	fmt.Println(lines.Text())
	// Output: title: Mirror
}
