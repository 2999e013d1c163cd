export const handler = async (event, context) => {
  console.log("got", JSON.stringify(event));
  return { event, requestId: context.awsRequestId, version: context.functionVersion };
};
