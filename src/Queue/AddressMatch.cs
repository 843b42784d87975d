namespace SlimtaFast.Queue;

/// <summary>How an address is compared with what is looked for, without regard to upper and lower case.</summary>
public enum AddressMatch
{
    /// <summary>It holds the text somewhere.</summary>
    Contains,

    /// <summary>It is the text. The null reverse-path is written <c>&lt;&gt;</c>.</summary>
    Exact,

    /// <summary>Its domain is the text.</summary>
    Domain,
}
