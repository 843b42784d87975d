using System.Buffers;

namespace SlimtaFast.Server.Bench;

/// <summary>What is sent of a message for recipients of one domain, as far as it names them. Immutable.</summary>
/// <param name="Rcpt">All RCPT commands.</param>
/// <param name="Group">MAIL, all RCPT, DATA.</param>
/// <param name="Whole">MAIL, all RCPT, BDAT and its chunk.</param>
internal sealed record LoadAddressing(ReadOnlySequence<byte> Rcpt, ReadOnlySequence<byte> Group, ReadOnlySequence<byte> Whole);
