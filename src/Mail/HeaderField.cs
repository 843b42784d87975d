namespace SlimtaFast.Mail;

/// <summary>Where a header field stands. All figures are octets from the start of the message. Immutable.</summary>
/// <param name="Start">The first octet of the name.</param>
/// <param name="NameLength">Octets of the name, without spaces between it and the colon.</param>
/// <param name="ValueStart">The first octet behind the colon, often a space.</param>
/// <param name="End">The octet behind the field: its folded lines and its last line end belong to it.</param>
public readonly record struct HeaderField(int Start, int NameLength, int ValueStart, int End);
