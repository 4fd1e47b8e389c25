package sigv4

import "context"

type contextKey struct{}

type signed struct {
	signature *Signature
	secret    string
}

// NewContext adds the signature that was verified, and the secret of its key, to the context of a request.
func NewContext(ctx context.Context, signature *Signature, secret string) context.Context {
	return context.WithValue(ctx, contextKey{}, signed{signature, secret})
}

// FromContext is what NewContext added; nil if nothing was.
func FromContext(ctx context.Context) (signature *Signature, secret string) {
	s, _ := ctx.Value(contextKey{}).(signed)
	return s.signature, s.secret
}
