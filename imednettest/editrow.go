package imednettest

import (
	"fmt"
	"strconv"

	"github.com/imednetgo/imednet"
)

// EditRow sets a member of a row, as designers, monitors and coders do: dateModified moves to the server's
// clock where the row has one, and no revision is written. Records have methods of their own, and rows
// without a number, such as users, cannot be named.
func (s *Study) EditRow(resource imednet.Resource, id int64, member string, value any) error {
	encoded, err := encodeValue(value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := s.numberedRow(resource, id)
	if err != nil {
		return err
	}
	s.putRow(resource, s.begin(), id, s.modified(withMember(raw, member, encoded)))
	return nil
}

// CopyRow adds a row that is like another but for its id and dateModified, and returns the id. What
// [Study.EditRow] says of resources applies.
func (s *Study) CopyRow(resource imednet.Resource, id int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := s.numberedRow(resource, id)
	if err != nil {
		return 0, err
	}
	added, _ := s.insertRow(resource, s.begin(), func(id int64) []byte {
		return s.modified(withMember(raw, resource.ID(), strconv.AppendInt(nil, id, 10)))
	})
	return added, nil
}

func (s *Study) numberedRow(resource imednet.Resource, id int64) ([]byte, error) {
	t := s.tables[resource]
	if t == nil || resource == imednet.Records || resource == imednet.Users {
		return nil, fmt.Errorf("imednettest: rows of %s are not edited by their number", resource)
	}
	raw, ok := t.latest(id)
	if !ok {
		return nil, fmt.Errorf("%w: %s %d", ErrNoSuchRow, resource, id)
	}
	return raw, nil
}

// modified is a row as it is saved now.
func (s *Study) modified(raw []byte) []byte {
	if valueOf(raw, "dateModified") == nil {
		return raw
	}
	return withMember(raw, "dateModified", appendTime(nil, s.tick().Unix()))
}
