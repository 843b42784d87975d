using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests.Pipe;

public sealed class ArgumentTemplateTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("{sender}", "alice@example.com")]
    [InlineData("<{sender.local}> at {sender.domain}", "<alice> at example.com")]
    [InlineData("{recipient}", "bob+x@example.org")]
    [InlineData("--to={recipient.local}", "--to=bob+x")]
    [InlineData("{recipient.domain}", "example.org")]
    [InlineData("{{sender}}", "{sender}")]
    [InlineData("{{{sender.local}}}", "{alice}")]
    [InlineData("{client.address}", "192.0.2.25")]
    [InlineData("{client.host} {client.hello} {client.protocol}", "client.example.com client.example.com ESMTPS")]
    [InlineData("{client.user}", "")]
    [InlineData("{client.tls}", "TLSv1.3 TLS_AES_256_GCM_SHA384")]
    [InlineData("{server}", "mx.example.org")]
    public void Macros_stand_for_values(string template, string value) => Assert.Equal(value, Expand(template));

    [Fact]
    public void Message_id_is_ours_and_a_safe_file_name()
    {
        Envelope envelope = Make("alice@example.com", "bob@example.org");
        Assert.Equal($"{envelope.Id}.eml", Expand("{message-id}.eml", envelope));
        Assert.Equal(envelope.Id.ToString(), Expand("{queue-id}", envelope));
        Assert.Equal($"{envelope.Length}", Expand("{size}", envelope));
    }

    [Fact]
    public void Null_sender_is_an_empty_argument()
    {
        Assert.Equal("", Expand("{sender}", Make("", "bob@example.org")));
        Assert.Equal("@", Expand("{sender.local}@{sender.domain}", Make("", "bob@example.org")));
    }

    [Theory]
    [InlineData("{nobody}", "{nobody}")]
    [InlineData("{Sender}", "{Sender}")]
    [InlineData("{}", "{}")]
    [InlineData("{sender", "closing")]
    [InlineData("sender}", "opening")]
    public void Unknown_macro_is_refused_with_the_known_ones(string template, string reason)
    {
        string message = Assert.Throws<FormatException>(() => ArgumentTemplate.Parse(template)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        if (template.EndsWith('}') && template.StartsWith('{'))
            Assert.Contains("{client.address}, {client.hello}, ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{recipient}", "-rf@example.org", false)]
    [InlineData("{recipient.local}", "-rf@example.org", false)]
    [InlineData("{client.user}{recipient}", "-rf@example.org", false)]
    [InlineData("--to={recipient}", "-rf@example.org", true)]
    [InlineData("-d{recipient}", "-rf@example.org", true)]
    [InlineData("{recipient.domain}", "-rf@example.org", true)]
    [InlineData("/mail/{recipient.local}", "-rf@example.org", true)]
    [InlineData("/mail/{recipient.local}", "a/b@example.org", false)]
    [InlineData("/mail/{recipient.local}/new", "\"..\"@example.org", true)]
    [InlineData("/mail/{recipient.domain}", "postmaster", false)]
    [InlineData("{recipient.local}", "a/b@example.org", true)]
    public void Address_that_would_be_an_option_or_another_folder_is_refused(string template, string recipient, bool isGood)
    {
        Envelope envelope = Make("alice@example.com", recipient);
        Assert.Equal(isGood, ArgumentTemplate.Parse(template).TryExpand(new ArgumentBlock(), envelope, envelope.Recipients[0], allowHyphen: false));
    }

    [Fact]
    public void Hyphen_may_be_allowed()
    {
        Envelope envelope = Make("alice@example.com", "-rf@example.org");
        var block = new ArgumentBlock();
        Assert.True(ArgumentTemplate.Parse("{recipient}").TryExpand(block, envelope, envelope.Recipients[0], allowHyphen: true));
        Assert.Equal("-rf@example.org", Text(block));
    }

    [Theory]
    [InlineData("{client.hello}", "-x", "_x")]
    [InlineData("a{client.hello}", "-x", "a-x")]
    [InlineData("/a/{client.hello}", "../x", "/a/.._x")]
    [InlineData("/a/{client.hello}", "..", "/a/__")]
    [InlineData("{client.hello}", "a\0b\nc", "a_b_c")]
    public void Other_values_are_made_harmless(string template, string hello, string value)
    {
        Envelope envelope = Make("alice@example.com", "bob@example.org");
        Assert.Equal(value, Expand(template, envelope with { Client = envelope.Client with { HelloName = hello } }));
    }

    [Property(MaxTest = 500)]
    public Property Any_literal_text_with_doubled_braces_is_itself() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), static text =>
    {
        text = (text ?? "").Replace("\0", "", StringComparison.Ordinal);
        string template = text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        byte[] expected = Encoding.UTF8.GetBytes(text);
        return Octets(template).SequenceEqual(expected);
    });

    [Property(MaxTest = 500)]
    public Property Any_template_is_read_or_refused() => Prop.ForAll(
        Gen.Elements("{", "}", "sender", "recipient", ".local", "/", "-", "x").ListOf().Select(string.Concat).ToArbitrary(),
        static template =>
        {
            try
            {
                ArgumentTemplate argument = ArgumentTemplate.Parse(template);
                return argument.HasMacros || argument.Literal.Length <= template.Length;
            }
            catch (FormatException)
            {
                return true;
            }
        });

    private static Envelope Make(string from, string to) => Envelopes.Make(Contents.InMemory(), from, to);

    private static string Expand(string template, Envelope? envelope = null)
    {
        envelope ??= Make("alice@example.com", "bob+x@example.org");
        var block = new ArgumentBlock();
        Assert.True(ArgumentTemplate.Parse(template).TryExpand(block, envelope, envelope.Recipients[0], allowHyphen: false));
        return Text(block);
    }

    private static byte[] Octets(string template)
    {
        Envelope envelope = Make("alice@example.com", "bob@example.org");
        var block = new ArgumentBlock();
        ArgumentTemplate.Parse(template).TryExpand(block, envelope, envelope.Recipients[0], allowHyphen: false);
        return block.Octets[..^1].ToArray();
    }

    private static string Text(ArgumentBlock block) => Encoding.UTF8.GetString(block.Octets[..^1]);
}
