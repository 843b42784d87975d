using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>A tab with the page. When it is done with, nothing may have been said on the console, and nobody but the server asked.</summary>
internal sealed class Tab : IAsyncDisposable
{
    // Patience, not a limit for the page: the machine may be busy.
    private const float Patience = 60_000;

    private readonly IBrowserContext _context;
    private readonly string _server;
    private readonly ConcurrentQueue<string> _said = new();
    private readonly ConcurrentQueue<string> _asked = new();

    private Tab(IBrowserContext context, IPage page, string server)
    {
        _context = context;
        _server = server;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>What the console said, and errors that nobody caught.</summary>
    public IReadOnlyCollection<string> Said => _said;

    /// <summary>The news line, which screen readers read out.</summary>
    public ILocator News => Page.Locator("#news");

    public static async Task<Tab> OpenAsync(IBrowserContext context, string server)
    {
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        IPage page = await context.NewPageAsync();
        var tab = new Tab(context, page, server);
        page.Console += (_, message) => tab._said.Enqueue($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => tab._said.Enqueue("error: " + error);
        page.Dialog += (_, dialog) =>
        {
            tab._said.Enqueue("dialog: " + dialog.Message);
            _ = dialog.DismissAsync();
        };
        context.Request += (_, request) => tab._asked.Enqueue(request.Url);
        await page.GotoAsync(server + "/");
        return tab;
    }

    /// <summary>Checks that nothing went wrong on the way.</summary>
    /// <param name="isExpected">What the console may say.</param>
    public void CheckQuiet(Func<string, bool>? isExpected = null)
    {
        Assert.DoesNotContain(_said, said => isExpected?.Invoke(said) != true);
        Assert.NotEmpty(_asked);
        Assert.All(_asked, url => Assert.StartsWith(_server + "/", url, StringComparison.Ordinal));
    }

    public ILocatorAssertions Expect(string selector) => Assertions.Expect(Page.Locator(selector));

    public ILocator Row(string id) => Page.Locator($"#list tr[data-key='{id}']");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
