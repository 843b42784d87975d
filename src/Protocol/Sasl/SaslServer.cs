using System.Text;
using System.Text.Unicode;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// One exchange of a mechanism, as the server: octets in, a challenge, a question or an end out. Pure: no I/O, no clock, and whatever a
/// client sends it never throws. After an end it is of no more use.
/// </summary>
internal abstract class SaslServer
{
    /// <summary>Starts an exchange of a mechanism.</summary>
    protected SaslServer(string name) => Name = name;

    /// <summary>The mechanism's name.</summary>
    public string Name { get; }

    /// <summary>Who the client says it is; empty so far.</summary>
    public string UserName { get; protected set; } = "";

    /// <summary>Who the client is, after <see cref="SaslStatus.Succeeded"/>.</summary>
    public string Identity { get; protected set; } = "";

    /// <summary>What the client is sent next.</summary>
    public ReadOnlyMemory<byte> Challenge { get; protected set; }

    /// <summary>What the handler is asked next.</summary>
    public AuthenticationRequest? Question { get; protected set; }

    /// <summary>True where the client is already refused and only has to answer the last challenge.</summary>
    public bool IsRefused { get; protected set; }

    /// <summary>The client gave no initial response; most mechanisms then ask for it with an empty challenge.</summary>
    public virtual SaslStatus Begin() => SaslStatus.Challenge;

    /// <summary>The client gave an initial response; by default it answers the empty challenge.</summary>
    public virtual SaslStatus Begin(ReadOnlySpan<byte> initialResponse) => Take(initialResponse);

    /// <summary>The client answered the challenge.</summary>
    public abstract SaslStatus Take(ReadOnlySpan<byte> response);

    /// <summary>The handler answered the question.</summary>
    public abstract SaslStatus Resume(AuthenticationAnswer answer);

    /// <summary>Puts a question about a user.</summary>
    protected SaslStatus Ask(AuthenticationRequestKind kind, string userName, string secret = "")
    {
        UserName = userName;
        Question = new AuthenticationRequest(kind, Name, userName, secret);
        return SaslStatus.Ask;
    }

    /// <summary>Puts a challenge.</summary>
    protected SaslStatus Send(ReadOnlyMemory<byte> challenge)
    {
        Challenge = challenge;
        return SaslStatus.Challenge;
    }

    /// <summary>Ends with what the handler said of a password or token.</summary>
    protected SaslStatus Conclude(AuthenticationAnswer answer)
    {
        if (answer.IsUnavailable)
            return SaslStatus.Unavailable;
        if (!answer.IsAccepted)
            return SaslStatus.Rejected;
        Identity = answer.Identity!;
        return SaslStatus.Succeeded;
    }

    /// <summary>UTF-8 text without NUL; false where it is not that.</summary>
    protected static bool TryReadText(ReadOnlySpan<byte> octets, out string text)
    {
        bool isText = Utf8.IsValid(octets) && !octets.Contains((byte)0);
        text = isText ? Encoding.UTF8.GetString(octets) : "";
        return isText;
    }
}
