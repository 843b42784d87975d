namespace SlimtaFast.Edge;

/// <summary>Whose addresses a list judges.</summary>
public enum AddressListKind
{
    /// <summary>The address of MAIL; the null reverse-path is not looked up.</summary>
    Sender,

    /// <summary>The addresses of RCPT.</summary>
    Recipient,
}
