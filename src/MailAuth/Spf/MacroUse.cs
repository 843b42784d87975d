namespace SlimtaFast.MailAuth.Spf;

/// <summary>Of what, besides client and domain, the expansion of a text depends.</summary>
[Flags]
internal enum MacroUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The sender's local part: <c>s</c>, <c>l</c>.</summary>
    LocalPart = 1,

    /// <summary>The name in the hello: <c>h</c>.</summary>
    Hello = 2,

    /// <summary>The client's validated name: <c>p</c>.</summary>
    ValidatedName = 4,
}
