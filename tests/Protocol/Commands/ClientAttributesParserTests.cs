using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Client;
using SlimtaFast.Protocol.Commands;

namespace SlimtaFast.Protocol.Tests.Commands;

public class ClientAttributesParserTests
{
    [Theory]
    [InlineData("")]
    [InlineData("ADDR")]
    [InlineData("ADDR=")]
    [InlineData("=1.2.3.4")]
    [InlineData("ADDR=1.2.3.4,PORT=5")]
    [InlineData("ADDR=1.2.3.4 ADDR=1.2.3.4")]
    [InlineData("ADDR=1.2.3")]
    [InlineData("ADDR=1.2.3.4.5")]
    [InlineData("ADDR=010.0.0.1")]
    [InlineData("ADDR=0x7f.0.0.1")]
    [InlineData("ADDR=256.0.0.1")]
    [InlineData("ADDR=2130706433")]
    [InlineData("ADDR=::1")]
    [InlineData("ADDR=IPV6:1.2.3.4")]
    [InlineData("ADDR=IPV6:fe80::1%25eth0")]
    [InlineData("ADDR=[1.2.3.4]")]
    [InlineData("ADDR=LOCALHOST")]
    [InlineData("PORT=65536")]
    [InlineData("PORT=-1")]
    [InlineData("PORT=007")]
    [InlineData("PROTO=HTTP")]
    [InlineData("HELO=a+0Ab")]
    [InlineData("HELO=a+20b")]
    [InlineData("NAME=a(b")]
    [InlineData("LOGIN=a+")]
    [InlineData("LOGIN=a+0D+0AMAIL")]
    [InlineData("FOO=1")]
    [InlineData("IDENT=1")]
    [InlineData("XCLIENT=1")]
    [InlineData("None=1")]
    public void Malformed_attributes_are_refused(string text) =>
        Assert.Null(ClientAttributesParser.Parse(Encoding.ASCII.GetBytes(text), ClientAttribute.Xclient));

    [Fact]
    public void Unknown_values_are_told_apart_from_those_not_told()
    {
        ClientAttributes? read = ClientAttributesParser.Parse("addr=[tempunavail]  NAME=[Unavailable] PORT=25"u8, ClientAttribute.Xclient);
        Assert.Equal(new ClientAttributes { Given = ClientAttribute.Addr | ClientAttribute.Name | ClientAttribute.Port, Port = 25 }, read);
        var before = new ClientAttributes { Given = ClientAttribute.Name | ClientAttribute.Login, Name = "a", Login = "b" };
        Assert.Equal(
            new ClientAttributes { Given = before.Given | read!.Given, Login = "b", Port = 25 },
            before.With(read));
    }

    [Property(Arbitrary = [typeof(Told)], MaxTest = 500)]
    public void What_is_written_in_xtext_is_read_again(Told told)
    {
        ClientAttributes? read = ClientAttributesParser.Parse(Encoding.UTF8.GetBytes(told.Text), ClientAttribute.Xclient);
        Assert.Equal(told.Attributes, read);
    }

    [Property(MaxTest = 2000)]
    public void No_octets_throw_and_nothing_dangerous_comes_out(byte[] octets) => Check(octets);

    [Property(MaxTest = 2000)]
    public void No_text_throws_and_nothing_dangerous_comes_out(string? text, bool named) => Check(Encoding.UTF8.GetBytes((named ? "LOGIN=" : "") + text));

    private static void Check(byte[] octets)
    {
        if (ClientAttributesParser.Parse(octets, ClientAttribute.Xclient) is not { } read)
            return;
        Assert.NotEqual(ClientAttribute.None, read.Given);
        Assert.DoesNotContain($"{read.Name}{read.HelloName}{read.Login}", char.IsControl);
    }

    public sealed record Told(string Text, object Attributes)
    {
        public static Arbitrary<Told> Arbitrary() => Arb.From(
            from address in Gen.OneOf(Gen.ArrayOf(Gen.Choose(0, 255).Select(i => (byte)i), 4), Gen.ArrayOf(Gen.Choose(0, 255).Select(i => (byte)i), 16))
            from port in Gen.Choose(0, 65535)
            from name in Gen.ArrayOf(Gen.Elements("abcXYZ019-._".ToCharArray())).Where(c => c.Length is > 0 and < 200)
            from login in Gen.ArrayOf(Gen.Elements("ab+= é@\"\\%/☃".ToCharArray())).Where(c => c.Length is > 0 and < 80)
            from proto in Gen.Elements("SMTP", "ESMTP")
            select Make(new IPAddress(address), port, new string(name), new string(login), proto));

        private static Told Make(IPAddress address, int port, string name, string login, string proto)
        {
            string prefix = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPV6:" : "";
            var attributes = new ClientAttributes
            {
                Given = ClientAttribute.Addr | ClientAttribute.Port | ClientAttribute.Name | ClientAttribute.Login | ClientAttribute.Proto,
                Address = address,
                Port = port,
                Name = name,
                Login = login,
                Protocol = proto,
            };
            return new Told($"ADDR={prefix}{address} PORT={port} NAME={Encode(name)} LOGIN={Encode(login)} PROTO={proto}", attributes);
        }

        private static string Encode(string text)
        {
            byte[] room = new byte[XtextEncoder.GetMaxLength(text)];
            return Encoding.UTF8.GetString(room, 0, XtextEncoder.Encode(text, room));
        }
    }
}
