using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>The part of the API about users.</summary>
internal sealed class UserApi(ApiConnection connection)
{
    /// <summary>All users.</summary>
    public Task<ImmutableArray<UserView>> ListAsync(CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<UserView>>("users", cancel);

    /// <summary>Adds a user, or gives it a new role and a new token.</summary>
    public Task<UserView> PutAsync(string name, Role role, CancellationToken cancel) =>
        connection.ChangeAsync<UserView>(HttpMethod.Put, $"users/{ApiClient.Escape(name)}", new UserBody(role), cancel);

    /// <summary>Removes a user; what it owns stays.</summary>
    public Task RemoveAsync(string name, CancellationToken cancel) =>
        connection.ChangeAsync<Nothing>(HttpMethod.Delete, $"users/{ApiClient.Escape(name)}", null, cancel);
}
