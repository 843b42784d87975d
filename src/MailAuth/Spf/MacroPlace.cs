namespace SlimtaFast.MailAuth.Spf;

/// <summary>Where a macro-string stands, which decides what may be in it.</summary>
internal enum MacroPlace
{
    /// <summary>A domain-spec: has to end as one (RFC 7208 section 7.1), without the letters of explanations.</summary>
    DomainSpec,

    /// <summary>The text that an exp modifier leads to: spaces are allowed, and the letters <c>c</c>, <c>r</c> and <c>t</c>.</summary>
    Explanation,

    /// <summary>The value of a modifier that is not known.</summary>
    UnknownModifier,
}
