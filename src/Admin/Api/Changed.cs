namespace SlimtaFast.Admin.Api;

/// <summary>Whether an order changed anything; where it did not, it was so already.</summary>
internal sealed record Changed(bool IsChanged);
