using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>The part of the API about the store.</summary>
internal sealed class StoreApi(ApiConnection connection)
{
    /// <summary>How far it is, and whether somebody saw more.</summary>
    public Task<StoreView> LookAsync(CancellationToken cancel) => connection.GetAsync<StoreView>("store", cancel);

    /// <summary>Lets it count from now on.</summary>
    public Task<AdoptedView> AdoptAsync(CancellationToken cancel) =>
        connection.ChangeAsync<AdoptedView>(HttpMethod.Post, "store/adopt", null, cancel);
}
