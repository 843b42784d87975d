namespace SlimtaFast.EndToEnd.Tests.Peers.Clients;

/// <summary>What a client is asked to do once: send the message from <c>sender@client.test</c> to <c>b@far.test</c>.</summary>
/// <param name="Port">The server's port, at <see cref="PeerServer.Host"/>.</param>
/// <param name="ImplicitTls">True where the TLS handshake comes first, false for STARTTLS.</param>
/// <param name="Mechanism">The SASL mechanism; empty to send without AUTH.</param>
/// <param name="Secret">The password, or the token for a mechanism that takes one.</param>
internal sealed record Submission(int Port, bool ImplicitTls, string Mechanism, string Secret)
{
    /// <summary>Whether the mechanism takes a bearer token.</summary>
    public bool IsBearer => Mechanism is "XOAUTH2" or "OAUTHBEARER";
}
