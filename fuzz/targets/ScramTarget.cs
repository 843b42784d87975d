using System.Text;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// SCRAM's texts: a server's messages to our client, names, verifiers of a users file, base64. What is read is written again as it was;
/// a server that does not know the verifier is never believed.
/// </summary>
public sealed class ScramTarget : IFuzzTarget
{
    // A server may ask for a million rounds; a fuzzer has no time for them.
    private const int MostDigits = 2;

    /// <inheritdoc/>
    public string Name => "scram";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (StrictBase64.TryDecode(input, out byte[]? octets))
            FuzzAssert.That(StrictBase64.Encode(octets).AsSpan().SequenceEqual(input), "Two texts of base64 are the same octets.");
        if (ScramMessage.TryReadName(input, out string name))
            FuzzAssert.That(ScramMessage.TryReadName(Encoding.UTF8.GetBytes(ScramMessage.QuoteName(name)), out string again) && again == name, "A name is not read as what it was.");
        if (Gs2Header.TryParse(input, out Gs2Header header))
            FuzzAssert.That(header.Length <= input.Length && header.Flag is (byte)'n' or (byte)'y' or (byte)'p', "A header is longer than its message.");
        if (ScramVerifier.TryParse(Encoding.Latin1.GetString(input), out ScramVerifier? verifier))
            FuzzAssert.That(ScramVerifier.TryParse(verifier.ToString(), out ScramVerifier? same) && same.ToString() == verifier.ToString(), "A verifier is not read as what it was.");
        if (SaslPrep.TryPrepare(Encoding.UTF8.GetString(input), out string? once))
            FuzzAssert.That(SaslPrep.TryPrepare(once, out string? twice) && once == twice, "A prepared name is not prepared.");
        TalkToClient(input);
    }

    private static bool HasLongNumber(ReadOnlySpan<byte> text)
    {
        int digits = 0;
        foreach (byte octet in text)
        {
            digits = char.IsAsciiDigit((char)octet) ? digits + 1 : 0;
            if (digits > MostDigits)
                return true;
        }

        return false;
    }

    private static void TalkToClient(ReadOnlySpan<byte> input)
    {
        var client = new ScramClient("user", "pencil", "nonce", default, isPlus: false);
        client.Begin();
        while (!input.IsEmpty)
        {
            int end = input.IndexOf((byte)'\n');
            ReadOnlySpan<byte> message = end < 0 ? input : input[..end];
            input = end < 0 ? default : input[(end + 1)..];
            if (HasLongNumber(message))
                return;
            client.Respond(message);
        }

        FuzzAssert.That(!client.IsSatisfied, "A server was believed that knows nothing.");
    }
}
