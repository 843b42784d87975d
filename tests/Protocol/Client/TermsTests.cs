using SlimtaFast.Mail;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Protocol.Tests.Client;

/// <summary>What a client session tells the server of a message's terms and addresses, and which messages it keeps from it.</summary>
public class TermsTests
{
    private static readonly string[] All = ["8BITMIME", "DELIVERBY 60", "MT-PRIORITY", "BINARYMIME", "CHUNKING"];

    [Theory]
    [InlineData(DeliverByMode.Notify, false, 90.9, "BY=90;N")]
    [InlineData(DeliverByMode.Notify, true, -5.1, "BY=-6;NT")]
    [InlineData(DeliverByMode.Return, true, 90, "BY=90;RT")]
    public async Task Send_message_with_deadline_tells_the_time_that_is_left(DeliverByMode mode, bool trace, double left, string expected)
    {
        ClientFixture fixture = Make(All);
        fixture.Envelope = fixture.Envelope with
        {
            Terms = new DeliveryTerms { By = new DeliverBy(fixture.Time.GetUtcNow().AddSeconds(left), mode, trace), Priority = -4 },
        };

        await fixture.OpenAndSendAsync();

        Assert.Equal($"MAIL FROM:<alice@example.com> {expected} MT-PRIORITY=-4", fixture.Server.Commands[1]);
    }

    [Fact]
    public async Task Send_terms_to_a_server_that_knows_none_of_them_tells_nothing()
    {
        ClientFixture fixture = Make([]);
        fixture.Envelope = fixture.Envelope with
        {
            Terms = new DeliveryTerms { HoldUntil = fixture.Time.GetUtcNow(), By = new DeliverBy(fixture.Time.GetUtcNow().AddHours(1), DeliverByMode.Notify, true), Priority = 9 },
        };

        await fixture.OpenAndSendAsync();

        Assert.Equal("MAIL FROM:<alice@example.com>", fixture.Server.Commands[1]);
    }

    [Theory]
    [InlineData(3600, "5.3.3", "8BITMIME")]
    [InlineData(0, "5.4.7", "DELIVERBY")]
    [InlineData(59, "5.4.7", "DELIVERBY 60")]
    [InlineData(60, "2.0.0", "DELIVERBY 60")]
    public async Task Send_message_to_be_returned_goes_only_where_its_deadline_is_kept(int left, string status, string extension)
    {
        ClientFixture fixture = Make([extension]);
        fixture.Envelope = fixture.Envelope with { Terms = new DeliveryTerms { By = new DeliverBy(fixture.Time.GetUtcNow().AddSeconds(left), DeliverByMode.Return) } };

        SmtpTransactionResult result = await fixture.OpenAndSendAsync();

        Assert.Equal(status, result.Replies[0].Reply.Status.ToString());
        Assert.Equal(status == "2.0.0" ? 1 : 0, fixture.Server.Messages.Count);
    }

    [Fact]
    public async Task Send_message_to_be_returned_by_lmtp_is_its_delivery()
    {
        var fixture = new ClientFixture(new ScriptedServer { Lmtp = true }, new SmtpClientOptions { HelloName = "client.example", Lmtp = true });
        fixture.Envelope = fixture.Envelope with { Terms = new DeliveryTerms { By = new DeliverBy(fixture.Time.GetUtcNow().AddSeconds(9), DeliverByMode.Return) } };

        Assert.True((await fixture.OpenAndSendAsync()).Replies[0].Reply.IsPositive);
    }

    [Fact]
    public async Task Send_binary_message_arrives_as_it_is()
    {
        const string Text = "Subject: x\r\n\r\na\0\n.\r\rb";
        var fixture = new ClientFixture(new ScriptedServer { Extensions = All }, text: Text);
        fixture.Envelope = fixture.Envelope with { Body = BodyType.BinaryMime };

        await fixture.OpenAndSendAsync();

        Assert.Equal("MAIL FROM:<alice@example.com> BODY=BINARYMIME", fixture.Server.Commands[1]);
        Assert.Equal(Text, fixture.Server.Messages[0].Text);
    }

    [Theory]
    [InlineData("j@b\u00fccher.example", "RCPT TO:<j@xn--bcher-kva.example>")]
    [InlineData("j@\u4f8b\u3048.\u30c6\u30b9\u30c8", "RCPT TO:<j@xn--r8jz45g.xn--zckzah>")]
    [InlineData("j\u00fcrgen@b\u00fccher.example", null)]
    public async Task Send_to_a_server_without_smtputf8_writes_domains_by_their_a_labels(string address, string? expected)
    {
        ClientFixture fixture = Make(["8BITMIME"]);
        fixture.Envelope = fixture.Envelope with { Recipients = [new Recipient(Mailbox.Parse(address))], ReversePath = Mailbox.Parse("a@b\u00fccher.example") };

        SmtpTransactionResult result = await fixture.OpenAndSendAsync();

        if (expected is null)
        {
            Assert.Equal("553 5.6.7", $"{result.Replies[0].Reply.Code} {result.Replies[0].Reply.Status}");
            Assert.Single(fixture.Server.Commands);
            return;
        }

        Assert.Equal(["MAIL FROM:<a@xn--bcher-kva.example>", expected], fixture.Server.Commands.Skip(1).Take(2));
    }

    [Fact]
    public async Task Send_to_a_server_with_smtputf8_writes_addresses_as_they_are()
    {
        ClientFixture fixture = Make(["8BITMIME", "SMTPUTF8"]);
        fixture.Envelope = fixture.Envelope with { Recipients = [new Recipient(Mailbox.Parse("j@b\u00fccher.example"))] };

        await fixture.OpenAndSendAsync();

        Assert.Equal("MAIL FROM:<alice@example.com> SMTPUTF8", fixture.Server.Commands[1]);
        Assert.Equal("RCPT TO:<j@b\u00c3\u00bccher.example>", fixture.Server.Commands[2]);
    }

    private static ClientFixture Make(string[] extensions) => new(new ScriptedServer { Extensions = extensions });
}
