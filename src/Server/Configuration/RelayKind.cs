namespace SlimtaFast.Server.Configuration;

/// <summary>How queued mail is delivered.</summary>
internal enum RelayKind
{
    /// <summary>To the mail exchangers of each domain.</summary>
    Mx,

    /// <summary>All of it to one server.</summary>
    Smtp,

    /// <summary>All of it to one server by LMTP.</summary>
    Lmtp,

    /// <summary>All of it to one URL by HTTP.</summary>
    Http,

    /// <summary>To a program for each recipient.</summary>
    Pipe,

    /// <summary>To Courier's maildrop.</summary>
    Maildrop,

    /// <summary>To Dovecot's local delivery agent.</summary>
    DovecotLda,

    /// <summary>Nowhere: every delivery succeeds.</summary>
    Blackhole,

    /// <summary>Not yet: what is stored stays until the server is started with another relay.</summary>
    Hold,
}
