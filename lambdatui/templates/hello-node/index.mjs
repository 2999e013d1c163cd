export const handler = async (event) => {
  const name = event.name ?? "world";
  return { greeting: `${process.env.GREETING ?? "Hello"}, ${name}!` };
};
