using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Proxy;
using SlimtaFast.TestKit;

namespace SlimtaFast.Protocol.Tests.Proxy;

/// <summary>The PROXY protocol's headers: as written so read, however cut, and nothing else taken for one.</summary>
public class ProxyHeaderTests
{
    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 40000 25", "192.0.2.1:40000", "198.51.100.2:25")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:DB8::2 0 65535", "[2001:db8::1]:0", "[2001:db8::2]:65535")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe 65535 65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535")]
    [InlineData("PROXY UNKNOWN", null, null)]
    [InlineData("PROXY UNKNOWN ffff::1 whatever", null, null)]
    public void Line_is_read(string line, string? source, string? destination)
    {
        ProxyParseStatus status = Parse(line + "\r\nEHLO x\r\n", out ProxyHeader? header, out int length);
        Assert.Equal(ProxyParseStatus.Done, status);
        Assert.Equal(line.Length + 2, length);
        Assert.Equal(source, header!.Source?.ToString());
        Assert.Equal(destination, header.Destination?.ToString());
    }

    [Theory]
    [InlineData("PROXY\tTCP4 192.0.2.1 192.0.2.2 1 2\r\n", "NotProxy")]
    [InlineData("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "NotProxy")]
    [InlineData("EHLO x\r\n", "NotProxy")]
    [InlineData("\r\nPROXY", "NotProxy")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "Malformed")]
    [InlineData("PROXY \n", "Malformed")]
    [InlineData("PROXY \r\n", "Malformed")]
    [InlineData("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 0x7f.0.0.1 192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 127.1 192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 ::1 ::1 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "Malformed")]
    [InlineData("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY UNKNOWNS\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1\r192.0.2.2 1 2\r\n", "Malformed")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r", "NeedMore")]
    [InlineData("PROX", "NeedMore")]
    [InlineData("\r\n\r\n\0\r\nQUI", "NeedMore")]
    [InlineData("", "NeedMore")]
    public void Anything_else_is_no_line(string text, string status) => Assert.Equal(status, Parse(text, out _, out _).ToString());

    [Fact]
    public void Line_has_at_most_107_octets()
    {
        string fits = "PROXY UNKNOWN".PadRight(105, ' ') + "\r\n";
        Assert.Equal(ProxyParseStatus.Done, Parse(fits, out _, out int length));
        Assert.Equal(107, length);
        Assert.Equal(ProxyParseStatus.Malformed, Parse("PROXY UNKNOWN".PadRight(106, ' ') + "\r\n", out _, out _));
        Assert.Equal(ProxyParseStatus.NeedMore, Parse("PROXY UNKNOWN".PadRight(106, ' '), out _, out _));
        Assert.Equal(ProxyParseStatus.Malformed, Parse("PROXY UNKNOWN".PadRight(107, ' '), out _, out _));
    }

    [Fact]
    public void Block_with_everything_is_read()
    {
        ProxyHeader header = Everything();
        byte[] octets = Write(header);
        Assert.Equal(ProxyParseStatus.Done, Parse(octets, out ProxyHeader? read, out int length));
        Assert.Equal(octets.Length, length);
        Assert.Equal(header.Tls, read!.Tls);
        Assert.Equal("mx.example.org", read.Authority);
        Assert.Equal("TLSv1.3 TLS_AES_256_GCM_SHA384 at the proxy", read.Tls!.ToString());
    }

    [Fact]
    public void Block_with_a_wrong_checksum_is_refused()
    {
        byte[] octets = Write(Everything());
        for (int i = ProxyFormat.FixedLength; i < octets.Length; i++)
        {
            byte[] changed = [.. octets];
            changed[i] ^= 0x01;
            // The entry's own type: then it is no checksum any more.
            if (i == octets.Length - 7)
                continue;
            Assert.Equal(ProxyParseStatus.Malformed, Parse(changed, out _, out _));
        }
    }

    [Theory]
    [InlineData(0x20, 0x11, 12, "Done")]
    [InlineData(0x20, 0x00, 0, "Done")]
    [InlineData(0x21, 0x00, 0, "Done")]
    [InlineData(0x21, 0x12, 12, "Done")]
    [InlineData(0x21, 0x22, 36, "Done")]
    [InlineData(0x21, 0x32, 216, "Done")]
    [InlineData(0x21, 0x11, 11, "Malformed")]
    [InlineData(0x21, 0x21, 12, "Malformed")]
    [InlineData(0x21, 0x31, 36, "Malformed")]
    [InlineData(0x21, 0x13, 12, "Malformed")]
    [InlineData(0x21, 0x41, 12, "Malformed")]
    [InlineData(0x22, 0x11, 12, "Malformed")]
    [InlineData(0x11, 0x11, 12, "Malformed")]
    [InlineData(0x31, 0x11, 12, "Malformed")]
    [InlineData(0x21, 0x11, 16, "Malformed")]
    [InlineData(0x21, 0x11, 14, "Malformed")]
    [InlineData(0x21, 0x11, 16385, "Malformed")]
    public void Block_without_facts_keeps_the_real_addresses(byte command, byte family, int rest, string status)
    {
        byte[] octets = [.. ProxyFormat.Signature, command, family, (byte)(rest >> 8), (byte)rest, .. Enumerable.Repeat((byte)1, rest)];
        Assert.Equal(status, Parse(octets, out ProxyHeader? header, out _).ToString());
        Assert.Null(header?.Source);
    }

    [Fact]
    public void Text_that_could_forge_a_line_counts_as_not_told()
    {
        ProxyHeader header = Everything() with { Authority = "a\r\nb", Tls = new ProxyTls { CommonName = "x\0", Version = "TLSv1.2", Cipher = "\u0085" } };
        Assert.Equal(ProxyParseStatus.Done, Parse(Write(header), out ProxyHeader? read, out _));
        Assert.Null(read!.Authority);
        Assert.Equal(new ProxyTls { Version = "TLSv1.2" }, read.Tls);
    }

    [Fact]
    public void Tls_is_told_only_where_the_client_used_it()
    {
        byte[] octets = Write(Everything() with { HasChecksum = false });
        int client = octets.AsSpan().IndexOf((byte)ProxyFormat.Tls) + 3;
        Assert.Equal(0x07, octets[client]);
        octets[client] = 0x06;
        Assert.Equal(ProxyParseStatus.Done, Parse(octets, out ProxyHeader? read, out _));
        Assert.Null(read!.Tls);
    }

    [Property(Arbitrary = [typeof(Headers)], MaxTest = 500)]
    public void What_is_written_is_read_again_however_it_is_cut(Headers any)
    {
        byte[] octets = [.. Write(any.Header), .. "EHLO x\r\n"u8];
        Assert.Equal(ProxyParseStatus.Done, Parse(octets, out ProxyHeader? whole, out int length));
        Assert.Equal(octets.Length - 8, length);
        Same(any.Header, whole!);
        for (int end = 0; end < length; end++)
            Assert.Equal(ProxyParseStatus.NeedMore, Parse(octets[..end], out _, out _));
        foreach (int piece in (int[])[1, 2, 7, 100])
        {
            Assert.Equal(ProxyParseStatus.Done, ProxyHeaderParser.Parse(Segments.Of([.. octets.Chunk(piece).Select(part => (ReadOnlyMemory<byte>)part)]), out ProxyHeader? cut, out int cutLength));
            Assert.Equal(length, cutLength);
            Same(whole!, cut!);
        }
    }

    [Property(MaxTest = 2000)]
    public void No_octets_throw(byte[] octets, bool isBlock, byte family)
    {
        byte[] all = isBlock
            ? [.. ProxyFormat.Signature, ProxyFormat.Proxy, (byte)(((family % 4) << 4) | 1), 0, (byte)Math.Min(255, octets.Length), .. octets]
            : [.. "PROXY "u8, .. octets];
        foreach (byte[] input in (byte[][])[octets, all])
        {
            ProxyParseStatus status = Parse(input, out ProxyHeader? header, out int length);
            Assert.Equal(status == ProxyParseStatus.Done, header is not null);
            Assert.InRange(length, 0, input.Length);
            Assert.Equal(status, ProxyHeaderParser.Parse(Segments.Of([.. input.Chunk(3).Select(part => (ReadOnlyMemory<byte>)part)]), out _, out _));
        }
    }

    [Theory]
    [InlineData(ProxyVersion.V1, "PROXY UNKNOWN\r\n")]
    [InlineData(ProxyVersion.V2, "\r\n\r\n\0\r\nQUIT\n \0\0\0")]
    public void Header_without_addresses_says_so(ProxyVersion version, string text) =>
        Assert.Equal(text, Encoding.Latin1.GetString(Write(new ProxyHeader { Version = version })));

    private static ProxyHeader Everything() => new()
    {
        Version = ProxyVersion.V2,
        Source = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40_000),
        Destination = new IPEndPoint(IPAddress.Parse("198.51.100.2"), 465),
        Authority = "mx.example.org",
        UniqueId = "connection-1"u8.ToArray(),
        Tls = new ProxyTls { Version = "TLSv1.3", Cipher = "TLS_AES_256_GCM_SHA384", CommonName = "Zoë", HasCertificate = true, IsVerified = true },
        HasChecksum = true,
    };

    private static byte[] Write(ProxyHeader header)
    {
        var output = new ArrayBufferWriter<byte>();
        header.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    private static ProxyParseStatus Parse(string text, out ProxyHeader? header, out int length) => Parse(Encoding.Latin1.GetBytes(text), out header, out length);

    private static ProxyParseStatus Parse(byte[] octets, out ProxyHeader? header, out int length) =>
        ProxyHeaderParser.Parse(new ReadOnlySequence<byte>(octets), out header, out length);

    private static void Same(ProxyHeader expected, ProxyHeader read)
    {
        Assert.Equal(expected.UniqueId.ToArray(), read.UniqueId.ToArray());
        Assert.Equal(expected with { UniqueId = default }, read with { UniqueId = default });
    }

    public sealed record Headers(ProxyHeader Header)
    {
        public static Arbitrary<Headers> Arbitrary()
        {
            Gen<byte> octet = Gen.Choose(0, 255).Select(i => (byte)i);
            Gen<(EndPoint?, EndPoint?)> ip4 = Pair(4), ip6 = Pair(16);
            Gen<(EndPoint?, EndPoint?)> unix =
                from a in Path()
                from b in Path()
                select ((EndPoint?)new UnixDomainSocketEndPoint(a), (EndPoint?)new UnixDomainSocketEndPoint(b));
            Gen<(EndPoint?, EndPoint?)> none = Gen.Constant(((EndPoint?)null, (EndPoint?)null));
            Gen<string?> text = Gen.OneOf(Gen.Constant((string?)null), Path().Select(s => (string?)s));
            Gen<Headers> line =
                from ends in Gen.OneOf(ip4, ip6, none)
                select new Headers(new ProxyHeader { Version = ProxyVersion.V1, Source = ends.Item1, Destination = ends.Item2 });
            Gen<Headers> block =
                from ends in Gen.OneOf(ip4, ip6, unix, none)
                from authority in text
                from id in Gen.ArrayOf(octet)
                from hasTls in Gen.Elements(true, false)
                from version in text
                from cipher in text
                from name in text
                from certificate in Gen.Elements(true, false)
                from verified in Gen.Elements(true, false)
                from checksum in Gen.Elements(true, false)
                select new Headers(new ProxyHeader
                {
                    Version = ProxyVersion.V2,
                    Source = ends.Item1,
                    Destination = ends.Item2,
                    Authority = authority,
                    UniqueId = id.Length > 128 ? id[..128] : id,
                    Tls = hasTls ? new ProxyTls { Version = version, Cipher = cipher, CommonName = name, HasCertificate = certificate, IsVerified = certificate && verified } : null,
                    HasChecksum = checksum,
                });
            return Arb.From(Gen.OneOf(line, block));

            Gen<(EndPoint?, EndPoint?)> Pair(int length) =>
                from a in Gen.ArrayOf(octet, length)
                from b in Gen.ArrayOf(octet, length)
                from p in Gen.Choose(0, 65535)
                from q in Gen.Choose(0, 65535)
                select ((EndPoint?)new IPEndPoint(new IPAddress(a), p), (EndPoint?)new IPEndPoint(new IPAddress(b), q));

            static Gen<string> Path() => Gen.ArrayOf(Gen.Elements("abc/._-09ë ☃".ToCharArray())).Where(c => c.Length > 0).Select(c => new string(c.Length > 30 ? c[..30] : c));
        }
    }
}
