using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>The operator's page in a real browser, with the real server behind it.</summary>
public sealed class PageTests(Browser browser) : IClassFixture<Browser>
{
    private const string Token = "the operator's secret";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [FullFact(Browser.Program)]
    public async Task Flow_of_mail_is_shown_while_it_flows()
    {
        using var folder = new TemporaryFolder();
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0");
        await using RunningProgram ownedSink = sink;
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], $"smtp://{hop}");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await tab.Expect("#condition").ToHaveTextAsync("delivers");
        await using (SmtpLoad load = SmtpLoad.Start(server.Smtp, 3, seed: 1, static _ => 300))
        {
            await load.WaitAsync(static l => l.Accepted >= 200, Patience);
            await tab.Expect("[data-rate=accepted] .rate").ToHaveTextAsync(new Regex("[1-9]"));
            await tab.Expect("[data-rate=delivered] .rate").ToHaveTextAsync(new Regex("[1-9]"));
            await tab.Expect("#figures").ToContainTextAsync("99 of 100 within");
            await Assertions.Expect(Figure(tab, "Connections")).ToHaveTextAsync("3");
            await Assertions.Expect(Figure(tab, "Flush")).ToContainTextAsync("s, 99 of 100 within");
            await Assertions.Expect(Figure(tab, "Requests a flush")).ToContainTextAsync("99 of 100 up to");
            await tab.Expect("[data-rate=accepted] polyline").ToHaveAttributeAsync("points", new Regex("0.0,.* 100.0,"));
            await load.StopAsync();
            await tab.Expect("[data-rate=accepted] .total >> nth=0").ToHaveTextAsync(load.Accepted.ToString("#,0", CultureInfo.InvariantCulture));
        }

        await Assertions.Expect(Figure(tab, "Oldest")).ToHaveTextAsync("none");
        tab.CheckQuiet();
    }

    [FullFact(Browser.Program)]
    public async Task Message_is_found_its_story_told_and_each_order_for_it_carried_out()
    {
        using var folder = new TemporaryFolder();
        await using var hop = new RefusingHop("450 4.2.1 Mailbox busy, come back");
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], Relay(hop.Port));
        string id = await server.SendAsync("alice@client.test", "bob@ours.test"), other = await server.SendAsync("dave@client.test", "carol@else.test");
        await using Tab tab = await browser.OpenAsync(server.Address);

        // What waits is listed before anybody asks.
        await Assertions.Expect(tab.Row(other)).ToHaveCountAsync(1);
        await tab.Page.GetByLabel("Text").FillAsync("bob@");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(tab.Row(other)).ToHaveCountAsync(0);
        await Assertions.Expect(tab.Row(id)).ToContainTextAsync("alice@client.test to bob@ours.test");
        await tab.Row(id).GetByRole(AriaRole.Link).ClickAsync();
        ILocator story = tab.Page.Locator("#message");
        await Assertions.Expect(story).ToContainTextAsync("It waits for its next attempt.");
        await Assertions.Expect(story).ToContainTextAsync("450 4.2.1 Mailbox busy, come back");
        await Assertions.Expect(story).ToContainTextAsync("TLS: none");
        await Assertions.Expect(story).ToContainTextAsync("127.0.0.1 (client.test)");
        await Assertions.Expect(story.GetByRole(AriaRole.Table, new() { Name = "Attempts" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(2);

        await OrderAsync(tab, "Retry now", "1 done.");
        await Assertions.Expect(story.GetByRole(AriaRole.Table, new() { Name = "Attempts" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(3);
        await OrderAsync(tab, "Hold", "1 done.");
        await Assertions.Expect(story).ToContainTextAsync("An operator holds it.");
        Assert.Contains("heldByOperator", (await server.ShowAsync(id))!, StringComparison.Ordinal);
        await OrderAsync(tab, "Retry now", "1 held: release first.");
        await OrderAsync(tab, "Release", "1 done.");
        await Assertions.Expect(story).Not.ToContainTextAsync("An operator holds it.");

        // Kept first, then given back to its sender.
        await story.Locator("[data-action=remove]").ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Keep" }).ClickAsync();
        await tab.Expect("#confirm").ToBeHiddenAsync();
        Assert.NotNull(await server.ShowAsync(id));
        await story.Locator("[data-action=remove]").ClickAsync();
        await tab.Page.GetByLabel("Tell the senders").CheckAsync();
        await tab.Page.Locator("#confirm").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Assertions.Expect(tab.News).ToHaveTextAsync("1 done.");
        await Assertions.Expect(story).ToContainTextAsync("It is not in the queue, or not any more");
        Assert.Null(await server.ShowAsync(id));
        await tab.Page.GoBackAsync();
        await tab.Page.GetByLabel("Text").FillAsync("alice@client.test");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await tab.Expect("#list").ToContainTextAsync("<> to alice@client.test");
        tab.CheckQuiet(static said => said.Contains("404", StringComparison.Ordinal));
    }

    [FullFact(Browser.Program)]
    public async Task Messages_hops_and_deliveries_are_ordered_about_together()
    {
        using var folder = new TemporaryFolder();
        await using PagedServer server = await PagedServer.StartAsync("disk:" + folder["spool"], Relay(RunningProgram.FreePort()));
        await using Tab tab = await browser.OpenAsync(server.Address);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Pause deliveries" }).ClickAsync();
        await tab.Expect("#condition").ToHaveTextAsync("deliveries are paused");
        string[] ids = [await server.SendAsync("a@client.test", "b@ours.test"), await server.SendAsync("a@client.test", "c@ours.test"), await server.SendAsync("spam@bad.test", "d@ours.test")];
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(tab.Row(ids[2])).ToBeVisibleAsync();

        // Those selected.
        await tab.Page.GetByLabel($"Select {ids[0]}").CheckAsync();
        await tab.Page.GetByLabel($"Select {ids[1]}").CheckAsync();
        await tab.Expect("#selected").ToHaveTextAsync("2 selected:");
        await tab.Page.Locator("#orders").GetByRole(AriaRole.Button, new() { Name = "Hold" }).ClickAsync();
        await Assertions.Expect(tab.News).ToHaveTextAsync("2 done.");
        await Assertions.Expect(tab.Row(ids[0])).ToContainTextAsync("by an operator");
        await Assertions.Expect(tab.Row(ids[2])).Not.ToContainTextAsync("by an operator");

        // All that a filter finds.
        await tab.Page.GetByLabel("Where").SelectOptionAsync("sender");
        await tab.Page.GetByLabel("Text").FillAsync("bad.test");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(tab.Row(ids[0])).ToHaveCountAsync(0);
        await tab.Expect("#selected").ToHaveTextAsync("All that match:");
        await tab.Page.Locator("#orders").GetByRole(AriaRole.Button, new() { Name = "Remove…" }).ClickAsync();
        await tab.Expect("#confirm-text").ToHaveTextAsync("This removes every message that matches (sender: bad.test).");
        await tab.Page.Locator("#confirm").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Assertions.Expect(tab.News).ToHaveTextAsync("1 done.");
        Assert.Null(await server.ShowAsync(ids[2]));

        // The hop, whose message is ready once it is released.
        await tab.Page.GetByLabel("Text").FillAsync("");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(tab.Row(ids[0])).ToBeVisibleAsync();
        await tab.Page.Locator("#orders").GetByRole(AriaRole.Button, new() { Name = "Release" }).ClickAsync();
        await Assertions.Expect(tab.News).ToHaveTextAsync("2 done.");
        await tab.Page.Locator("#hops").GetByRole(AriaRole.Button, new() { Name = "Suspend" }).First.ClickAsync();
        await tab.Expect("#hops").ToContainTextAsync("suspended by an operator");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Resume deliveries" }).ClickAsync();
        await Assertions.Expect(tab.News).ToHaveTextAsync("Deliveries go on.");
        await tab.Page.Locator("#hops").GetByRole(AriaRole.Button, new() { Name = "Resume" }).First.ClickAsync();
        await Assertions.Expect(tab.News).ToContainTextAsync("is used again.");
        await tab.Expect("#hops").Not.ToContainTextAsync("suspended by an operator");
        tab.CheckQuiet();
    }

    [FullFact(Browser.Program)]
    public async Task Keyboard_alone_finds_a_message_and_removes_it()
    {
        await using PagedServer server = await PagedServer.StartAsync("memory:", "hold:");
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        await server.SendAsync("alice@client.test", "carol@ours.test");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await Assertions.Expect(tab.Row(id)).ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to messages" })).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await TabToAsync(tab, tab.Page.GetByLabel("Text"));
        await tab.Page.Keyboard.TypeAsync("bob");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(tab.Page.Locator("#list tbody tr")).ToHaveCountAsync(1);
        await TabToAsync(tab, tab.Row(id).GetByRole(AriaRole.Link));
        await tab.Page.Keyboard.PressAsync("Enter");

        // Who comes here is told where he is, and goes on from there.
        await tab.Expect("#message h2").ToBeFocusedAsync();
        await TabToAsync(tab, tab.Page.Locator("#message [data-action=remove]"));
        await tab.Page.Keyboard.PressAsync("Space");
        await tab.Expect("#confirm-no").ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Expect("#confirm").ToBeHiddenAsync();
        Assert.NotNull(await server.ShowAsync(id));
        await tab.Expect("#message [data-action=remove]").ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Space");
        await TabToAsync(tab, tab.Page.Locator("#confirm [type=submit]"));
        Assert.NotEqual("none", await tab.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await tab.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(tab.News).ToHaveTextAsync("1 done.");
        Assert.Null(await server.ShowAsync(id));
        tab.CheckQuiet(static said => said.Contains("404", StringComparison.Ordinal));
    }

    [FullFact(Browser.Program)]
    public async Task Message_is_rerouted_by_keyboard_and_sent_back_and_its_story_says_which_way_it_goes()
    {
        await using PagedServer server = await PagedServer.StartAsync("memory:", "hold:");
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await tab.Row(id).GetByRole(AriaRole.Link).ClickAsync();
        ILocator story = tab.Page.Locator("#message"), button = tab.Page.Locator("#message [data-action=reroute]");
        await Assertions.Expect(story).ToContainTextAsync("of its recipients' domain");
        await TabToAsync(tab, button);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(tab.Page.GetByLabel("By the route of this domain")).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Expect("#reroute-wrong").ToHaveTextAsync("Which domain?");
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Expect("#reroute").ToBeHiddenAsync();
        await Assertions.Expect(button).ToBeFocusedAsync();
        Assert.DoesNotContain("routingDomain", (await server.ShowAsync(id))!, StringComparison.Ordinal);

        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.Keyboard.TypeAsync("backup.internal");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(tab.News).ToHaveTextAsync("1 done.");
        await Assertions.Expect(story).ToContainTextAsync("of backup.internal, by an operator");
        Assert.Contains("\"routingDomain\":\"backup.internal\"", (await server.ShowAsync(id))!, StringComparison.Ordinal);

        // What is no domain is said by the server.
        await button.ClickAsync();
        await tab.Page.GetByLabel("By the route of this domain").FillAsync("smtp://x");
        await tab.Page.Locator("#reroute [type=submit]").ClickAsync();
        await Assertions.Expect(tab.News).ToContainTextAsync("a domain name or an address literal");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Back to the overview" }).ClickAsync();
        await tab.Page.Locator("#orders [data-action=reroute]").ClickAsync();
        await tab.Expect("#reroute-text").ToContainTextAsync("every message of the queue");
        await tab.Page.GetByLabel("By their own again").CheckAsync();
        await tab.Page.Locator("#reroute [type=submit]").ClickAsync();
        await Assertions.Expect(tab.News).ToHaveTextAsync("1 done.");
        Assert.DoesNotContain("routingDomain", (await server.ShowAsync(id))!, StringComparison.Ordinal);
        tab.CheckQuiet(static said => said.Contains("400", StringComparison.Ordinal));
    }

    [FullFact(Browser.Program)]
    public async Task Token_is_asked_for_and_a_wrong_one_told()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], Token + "\n");
        await using PagedServer server = await PagedServer.StartAsync("memory:", "hold:", folder["token"]);
        string id = await server.SendAsync("alice@client.test", "bob@ours.test");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await tab.Expect("#ask-token").ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Page.GetByLabel("Admin token").FillAsync("a guess");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Expect("#token-wrong").ToHaveTextAsync("This is not the server's token.");
        await tab.Expect("#list tbody").ToBeEmptyAsync();
        await tab.Page.GetByLabel("Admin token").FillAsync(Token);
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Expect("#ask-token").ToBeHiddenAsync();
        await Assertions.Expect(tab.Row(id)).ToBeVisibleAsync();

        // It stays while the tab does, and nowhere else.
        await tab.Page.ReloadAsync();
        await Assertions.Expect(tab.Row(id)).ToBeVisibleAsync();
        Assert.Equal("", await tab.Page.EvaluateAsync<string>("document.cookie + Object.keys(localStorage).join()"));
        Assert.DoesNotContain("secret", tab.Page.Url, StringComparison.Ordinal);
        tab.CheckQuiet(static said => said.Contains("401", StringComparison.Ordinal));
    }

    [FullFact(Browser.Program)]
    public async Task A_hundred_thousand_waiting_messages_do_not_hold_the_page_up()
    {
        const int Many = 100_000;
        await using PagedServer server = await PagedServer.StartAsync("memory:", "hold:");
        string oldest = await server.SendAsync("first@client.test", "first@ours.test");
        await using (SmtpLoad load = SmtpLoad.Start(server.Smtp, 16, seed: 2, static _ => 100))
        {
            await load.WaitAsync(static l => l.Accepted >= Many, TimeSpan.FromMinutes(10));
            await load.StopAsync();
        }

        string last = await server.SendAsync("last@client.test", "last@ours.test");
        await using Tab tab = await browser.OpenAsync(server.Address);
        await Assertions.Expect(tab.Page.Locator("#list tbody tr")).ToHaveCountAsync(50);
        await Assertions.Expect(Figure(tab, "Waiting for their time")).ToHaveTextAsync(new Regex(@"^\d{3},\d{3}$"));
        await Assertions.Expect(Figure(tab, "Oldest").GetByRole(AriaRole.Link)).ToHaveAttributeAsync("href", $"#message/{oldest}");
        string first = (await tab.Page.Locator("#list tbody tr").First.GetAttributeAsync("data-key"))!;
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();
        await Assertions.Expect(tab.Row(first)).ToHaveCountAsync(0);
        await Assertions.Expect(tab.Page.Locator("#list tbody tr")).ToHaveCountAsync(50);

        // The only one of its kind, far behind: an answer looks through a share of the queue, and the page asks until there is something.
        await tab.Page.GetByLabel("Where").SelectOptionAsync("domain");
        await tab.Page.GetByLabel("Text").FillAsync("ours.test");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(tab.Page.Locator("#list tbody tr")).ToHaveCountAsync(2);
        await tab.Row(last).GetByRole(AriaRole.Link).ClickAsync();
        await tab.Expect("#message").ToContainTextAsync("The queue stores only (hold:).");
        tab.CheckQuiet();
    }

    private static ILocator Figure(Tab tab, string name) => tab.Page.Locator($"#figures > div:has(dt:text-is('{name}')) dd");

    private static string Relay(int port) => string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{port}");

    private static async Task OrderAsync(Tab tab, string button, string answer)
    {
        // An outcome of an attempt may still be on its way to the storage: then the order is refused, and given again.
        do
        {
            await tab.Page.Locator("#message").GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await Assertions.Expect(tab.News).ToHaveTextAsync(new Regex("."));
        }
        while ((await tab.News.TextContentAsync())!.Contains("busy", StringComparison.Ordinal));
        await Assertions.Expect(tab.News).ToHaveTextAsync(answer);
    }

    private static async Task TabToAsync(Tab tab, ILocator target)
    {
        await target.WaitForAsync();
        for (int i = 0; i < 60; i++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
                return;
            await tab.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail("The tab key does not lead there.");
    }
}
