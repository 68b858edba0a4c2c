using Microsoft.AspNetCore.Mvc;
using VioActors.Embedding;

namespace VioActors.Embedded.Sample.Accounts;

internal static class AccountRoutes
{
    public static void MapAccounts(this WebApplication app)
    {
        app.MapPost("/accounts/{id}/deposit", (
            string id, Deposit deposit, [FromHeader(Name = "Idempotency-Key")] string? key,
            ActorHost actors, HttpResponse response) => AskAsync(id, deposit, key, actors, response));
        app.MapPost("/accounts/{id}/withdraw", (
            string id, Withdraw withdraw, [FromHeader(Name = "Idempotency-Key")] string? key,
            ActorHost actors, HttpResponse response) => AskAsync(id, withdraw, key, actors, response));
        app.MapGet("/accounts/{id}", async (string id, ActorHost actors, CancellationToken cancel) =>
            await actors.ReadAsync<AccountState>(AccountActor.Key(id), cancel) is { } account
                ? Results.Ok(account)
                : Results.NotFound());
    }

    /// <summary>A request that comes again under its key gets the first answer, and nothing happens twice.</summary>
    private static async Task<IResult> AskAsync(
        string id, object message, string? key, ActorHost actors, HttpResponse response) =>
        (await actors.AskAsync(AccountActor.Key(id), message, principal: "web", key)).ToHttp(response);
}
