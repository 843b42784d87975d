using System.Text;

namespace SlimtaFast.Protocol.Sasl;

/// <summary>
/// The header in front of a client's first message (RFC 5801 section 4):
/// <code>gs2-header = ("p=" cb-name / "n" / "y") "," ["a=" saslname] ","</code>
/// It points into the message and lives no longer than it.
/// </summary>
internal readonly ref struct Gs2Header
{
    private Gs2Header(byte flag, string bindingName, string actFor, int length)
    {
        Flag = flag;
        BindingName = bindingName;
        ActFor = actFor;
        Length = length;
    }

    /// <summary><c>p</c>: bound to the channel; <c>n</c>: the client cannot bind; <c>y</c>: it can, and thinks that we cannot.</summary>
    public byte Flag { get; }

    /// <summary>The kind of binding; empty unless the flag is <c>p</c>.</summary>
    public string BindingName { get; }

    /// <summary>For whom the client wants to act; empty where it does not say.</summary>
    public string ActFor { get; }

    /// <summary>Octets of the header; the message proper follows.</summary>
    public int Length { get; }

    /// <summary>Reads a header; false where there is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out Gs2Header header)
    {
        header = default;
        int comma = message.IndexOf((byte)',');
        if (comma < 1)
            return false;
        ReadOnlySpan<byte> flag = message[..comma];
        string bindingName = "";
        if (flag.Length > 1)
        {
            // cb-name = 1*(ALPHA / DIGIT / "." / "-")
            if (!flag.StartsWith("p="u8) || flag.Length == 2 || flag[2..].ContainsAnyExceptInRange((byte)'-', (byte)'z'))
                return false;
            bindingName = Encoding.ASCII.GetString(flag[2..]);
        }
        else if (flag[0] is not ((byte)'n' or (byte)'y'))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = message[(comma + 1)..];
        int second = rest.IndexOf((byte)',');
        if (second < 0)
            return false;
        string actFor = "";
        ReadOnlySpan<byte> name = rest[..second];
        if (!name.IsEmpty && !(name.StartsWith("a="u8) && ScramMessage.TryReadName(name[2..], out actFor)))
            return false;
        header = new Gs2Header(flag[0], bindingName, actFor, comma + second + 2);
        return true;
    }
}
