using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>The part of the API about the store.</summary>
internal sealed class StoreApi(ApiConnection connection)
{
    /// <summary>How far it is, and whether somebody saw more.</summary>
    public Task<StoreView> LookAsync(CancellationToken cancel) => connection.GetAsync<StoreView>("store", cancel);

    /// <summary>Opens a copy of it; the caller reads and disposes it.</summary>
    public Task<HttpResponseMessage> BackupAsync(CancellationToken cancel) =>
        connection.OpenAsync(new HttpRequestMessage(HttpMethod.Get, "store/backup"), cancel);

    /// <summary>Looks it over.</summary>
    public Task<StoreReport> CheckAsync(CancellationToken cancel) => connection.SendAsync<StoreReport>(
        HttpMethod.Get, "store/check", () => null, cancel, Timeout.InfiniteTimeSpan);

    /// <summary>Lets it count from now on.</summary>
    public Task<AdoptedView> AdoptAsync(CancellationToken cancel) =>
        connection.ChangeAsync<AdoptedView>(HttpMethod.Post, "store/adopt", null, cancel);
}
