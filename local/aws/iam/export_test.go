package iam

// CachedDecisions is how many decisions a session remembers.
func (s *Session) CachedDecisions() int {
	if cached := s.decisions.Load(); cached != nil {
		return len(cached.by)
	}
	return 0
}
