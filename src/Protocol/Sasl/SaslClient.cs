namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// One exchange of a mechanism, as the client: a challenge in, a response out. Pure: no I/O, and whatever a server sends it never throws.
/// </summary>
internal abstract class SaslClient
{
    /// <summary>Starts an exchange of a mechanism.</summary>
    protected SaslClient(string name) => Name = name;

    /// <summary>The mechanism's name.</summary>
    public string Name { get; }

    /// <summary>True where responding takes milliseconds of CPU.</summary>
    public virtual bool IsCostly => false;

    /// <summary>True where the server may say that all is well: it has proved itself, if the mechanism asks for that.</summary>
    public virtual bool IsSatisfied => true;

    /// <summary>The initial response, or null where the server speaks first.</summary>
    public abstract byte[]? Begin();

    /// <summary>The response to a challenge, or null where the challenge makes no sense.</summary>
    public abstract byte[]? Respond(ReadOnlySpan<byte> challenge);
}
