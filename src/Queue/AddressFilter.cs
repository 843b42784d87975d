using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>Which addresses are looked for. Immutable.</summary>
/// <param name="Text">The text.</param>
/// <param name="Match">How it is compared.</param>
public sealed record AddressFilter(string Text, AddressMatch Match = AddressMatch.Contains)
{
    /// <summary>How the null reverse-path is written.</summary>
    public const string NullPath = "<>";

    /// <summary>True for an address that is looked for.</summary>
    public bool Matches(Mailbox address) => Match switch
    {
        AddressMatch.Domain => address.Domain.Equals(Text, StringComparison.OrdinalIgnoreCase),
        _ when Text == NullPath => address.IsNull,
        AddressMatch.Exact => address.Address.Equals(Text, StringComparison.OrdinalIgnoreCase),
        _ => address.Address.Contains(Text, StringComparison.OrdinalIgnoreCase),
    };
}
