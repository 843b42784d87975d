namespace SlimtaFast.Protocol.Commands;

/// <summary>The commands that the parser knows. Each but the first two has a row in <see cref="Session.DialogueTable"/>.</summary>
internal enum CommandVerb : byte
{
    /// <summary>Nothing we know.</summary>
    Unknown,

    /// <summary>The first word of another protocol (HTTP, SSH, PROXY, TLS), whose lines must never be run as commands.</summary>
    Foreign,

    Helo,
    Ehlo,
    Lhlo,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Expn,
    Help,
    Auth,
    Quit,
    Xclient,
    Xforward,
    StartTls,
}
