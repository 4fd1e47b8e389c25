package s3

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// walkFrom narrows a walk.
type walkFrom struct {
	// prefix is what keys start with.
	prefix string
	// after is the key that all keys come after; empty is none.
	after string
}

// walkNext is where a walk continues.
type walkNext struct {
	stop bool
	// skip leaves out the following keys that start with it; empty is none.
	skip string
}

var (
	continueWalk = walkNext{}
	stopWalk     = walkNext{stop: true}
)

// visitor sees an object's key, file and size and time.
type visitor func(key, name string, info fs.FileInfo) walkNext

// walk visits the objects of a bucket in the order of their keys (UTF-8 bytes), and looks only into folders that can
// hold some of them. The caller holds the bucket's lock.
func (s *Service) walk(bucket string, from walkFrom, visit visitor) error {
	w := &walker{s: s, bucket: bucket, from: from, visit: visit}
	_, err := w.folder(bucket, "")
	return err
}

type walker struct {
	s      *Service
	bucket string
	from   walkFrom
	visit  visitor
	skip   string
}

// node is an entry of a folder by what its keys start with.
type node struct {
	// key is the object's key, or for a folder what the keys in it start with, with a slash at the end.
	key    string
	path   string
	entry  fs.DirEntry
	folder bool
}

// folder visits the objects below a folder whose keys start with start.
func (w *walker) folder(dir, start string) (stop bool, err error) {
	nodes, err := w.nodes(dir, start)
	if err != nil {
		return false, err
	}
	// A folder sorts as "name/", which puts it among the files just where its keys belong.
	slices.SortFunc(nodes, func(a, b node) int { return strings.Compare(a.key, b.key) })
	for _, n := range nodes {
		if n.folder {
			if w.wants(n.key) {
				stop, err = w.folder(n.path, n.key)
			}
		} else {
			stop, err = w.object(n)
		}
		if stop || err != nil {
			return stop, err
		}
	}
	return false, nil
}

// wants reports whether a folder can hold keys of the walk.
func (w *walker) wants(start string) bool {
	switch {
	case !strings.HasPrefix(start, w.from.prefix) && !strings.HasPrefix(w.from.prefix, start):
		return false
	case w.skip != "" && strings.HasPrefix(start, w.skip):
		return false
	default:
		return start > w.from.after || strings.HasPrefix(w.from.after, start)
	}
}

func (w *walker) object(n node) (stop bool, err error) {
	if !strings.HasPrefix(n.key, w.from.prefix) || w.from.after != "" && n.key <= w.from.after ||
		w.skip != "" && strings.HasPrefix(n.key, w.skip) {
		return false, nil
	}
	// Only the name that the key is written as is the object; another file that merely reads like it is not.
	if folders, file := w.s.names.path(n.key); path.Join(w.bucket, path.Join(folders...), file) != strings.TrimSuffix(n.path, asFile) {
		return false, nil
	}
	info, err := n.entry.Info()
	if isAbsent(err) {
		return false, nil // another program has just removed it
	}
	if err != nil {
		return false, err
	}
	next := w.visit(n.key, n.path, info)
	w.skip = next.skip
	return next.stop, nil
}

// nodes reads a folder. The continuations of long segments are read into the list, since they belong between its
// other entries.
func (w *walker) nodes(dir, start string) ([]node, error) {
	entries, err := fs.ReadDir(w.s.root.FS(), dir)
	if isAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	nodes := make([]node, 0, len(entries))
	for _, entry := range entries {
		name, inner := entry.Name(), path.Join(dir, entry.Name())
		if long, isMore := strings.CutSuffix(name, asMore); isMore && entry.IsDir() {
			if segment, ok := w.s.names.unescape(long); ok {
				continued, err := w.nodes(inner, start+segment)
				if err != nil {
					return nil, err
				}
				nodes = append(nodes, continued...)
			}
			continue
		}
		if entry.Type().IsRegular() {
			name = strings.TrimSuffix(name, asFile)
		} else if !entry.IsDir() {
			continue
		}
		segment, ok := w.s.names.unescape(name)
		if !ok {
			continue
		}
		n := node{key: start + segment, path: inner, entry: entry, folder: entry.IsDir()}
		if n.folder {
			n.key += "/"
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}
